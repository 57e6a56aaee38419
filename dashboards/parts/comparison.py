"""Municipalities beside each other: a funnel for shares and rates, values for the rest. Nobody is ranked."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.bars import bars
from dashboards.charts.funnel import funnel
from dashboards.components import filters
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.tables import code_column, numbers

BOUNDS = ("funnel_centre", "funnel_lower_95", "funnel_upper_95", "funnel_lower_998", "funnel_upper_998")


@lru_cache(maxsize=256)
def funnel_figure(edition: Edition, month: date, kpi_id: str, chosen: str) -> Figure | Nothing:
    """Every municipality against the prefecture, by its own size; the chosen one is named."""
    kpi = rows_of(data.catalogue(edition, (kpi_id,)))[0]
    name = f"{kpi.label_ja}: 県全体と偶然の幅のなかの市町村({labels.wareki_month(month)})"
    at = pd.Timestamp(month)
    values = data.kpi_history(edition, kpi_id, "municipality")
    values = values[(values["period"] == at) & values["value"].notna() & (values["denominator"].fillna(0) > 0)]
    bounds = data.kpi_interval(edition, kpi_id, "municipality")
    bounds = bounds.loc[bounds["period"] == at, ["area_code", *BOUNDS]]
    points = values.merge(bounds, on="area_code")
    points = points.dropna(subset=list(BOUNDS)).merge(data.tiles(edition)[["area_code", "name"]], on="area_code")
    if len(points) < 3:
        return Nothing(name, "この指標は割合や率ではないか、値のある市町村が少ないため、偶然の幅を示せません。")
    frame = points.rename(
        columns={"name": "label", "denominator": "size"} | {bound: bound.removeprefix("funnel_") for bound in BOUNDS}
    )[["label", "size", "value", *(bound.removeprefix("funnel_") for bound in BOUNDS)]].astype(
        {"size": float, "value": float}
    )
    frame["is_chosen"] = (points["area_code"] == chosen).to_numpy()
    outside = frame[(frame["value"] > frame["upper_998"]) | (frame["value"] < frame["lower_998"])]
    is_share = kpi.kind == "share"
    chart = funnel(frame, "分母(市町村の規模)", f"{kpi.label_ja}({kpi.unit})", share=is_share)
    names = "、".join(outside["label"]) if not outside.empty else "ありません"
    centre = labels.bound_text(kpi.kind, frame["centre"].iloc[0])
    alt = f"{name}。{len(frame)}市町村、県全体は{centre}。99.8%の幅の外は{len(outside)}市町村({names})。"
    sources = (
        f"データ月: {labels.wareki_month(month)}。単位: {kpi.unit}。出典: 市町村の届出。",
        "濃い帯は95%、薄い帯は99.8%の幅、破線は県全体。橙は99.8%の外だけです。良し悪しや順位ではありません。",
        f"{len(frame)}市町村を並べると、95%の外には偶然でも{len(frame) * 0.05:.0f}前後が出ます。",
    )
    scale = 100 if is_share else 1
    heads = [code_column("団体コード"), "市町村", numbers("分母"), numbers("値", str(kpi.unit))]
    heads += [numbers("99.8%の幅の下", str(kpi.unit)), numbers("99.8%の幅の上", str(kpi.unit))]
    body = [
        [row.area_code, row.name, tables.count(row.denominator), *(tables.decimal(v * scale) for v in _three(row))]
        for row in rows_of(points)
    ]
    table = tables.table(f"funnel_{kpi_id}", name, heads, body)
    return Figure(f"funnel_{kpi_id}", name, chart, alt, sources, table)


def _three(row: object) -> tuple[float, float, float]:
    values = row._asdict()  # type: ignore[attr-defined]
    return values["value"], values["funnel_lower_998"], values["funnel_upper_998"]


def _base(row: Any) -> tuple[tables.Cell, tables.Cell]:
    return tables.count(row.numerator, mark=row.mark), tables.count(row.denominator, mark=row.mark)


@lru_cache(maxsize=256)
def beside_figure(edition: Edition, month: date, kpi_id: str, chosen: str, codes: tuple[str, ...]) -> Figure | Nothing:
    """The chosen municipality beside others, in the order of their codes; the chosen one is coloured."""
    kpi = rows_of(data.catalogue(edition, (kpi_id,)))[0]
    name = f"{kpi.label_ja}: {filters.label_of(edition, chosen)}と比べる相手({labels.wareki_month(month)})"
    cells = data.kpi_month(edition, month, (kpi_id,))
    cells = cells[cells["area_code"].isin(codes)]
    if cells.empty or cells["value"].isna().all():
        return Nothing(name, "この月に公表できる値がありません。")
    yes_no = labels.is_yes_no(kpi.kind, cells["denominator"])
    frame = pd.DataFrame({"label": cells["area_label_ja"], "value": cells["value"]})
    frame["text"] = [labels.value_text(kpi.kind, row, yes_no=yes_no) for row in rows_of(cells)]
    frame["is_main"] = (cells["area_code"] == chosen).to_numpy()
    alt = f"{name}。" + "、".join(f"{row.label}{row.text}" for row in rows_of(frame)) + "。"
    sources = (
        f"データ月: {labels.wareki_month(month)}。単位: {kpi.unit}。出典: 市町村の届出。",
        "並びは団体コードの順で、順位ではありません。記号: x 秘匿、… 未提出、- 対象外。",
    )
    body = [
        [row.area_code, row.area_label_ja, tables.kpi(kpi.kind, row, yes_no=yes_no), *_base(row)]
        for row in rows_of(cells)
    ]
    heads = [code_column("団体コード"), "市町村", numbers("値", str(kpi.unit)), numbers("分子"), numbers("分母")]
    table = tables.table(f"beside_{kpi_id}", name, heads, body)
    spec = bars(frame, f"{kpi.label_ja}({kpi.unit})", share=kpi.kind == "share")
    return Figure(f"beside_{kpi_id}", name, spec, alt, sources, table)
