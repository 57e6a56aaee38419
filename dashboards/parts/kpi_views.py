"""Views of a KPI over all municipalities: the tile map and the table of a month. Used by several pages."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.classes import Classes, classes_of
from dashboards.charts.tile_map import tile_map
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.tables import Column, Table, code_column, numbers

UNIT = "市町村"


@lru_cache(maxsize=256)
def map_figure(edition: Edition, month: date, kpi_id: str) -> Figure | Nothing:
    """The tile map of one KPI; its classes hold for every month of the edition."""
    known = rows_of(data.catalogue(edition, (kpi_id,)))
    if not known:
        return Nothing("市町村の地図", "この版にはこの指標がありません。")
    kpi = known[0]
    history, classes = data.kpi_history(edition, kpi_id, "municipality"), _classes(edition, kpi_id, kpi.kind)
    now = history[history["period"] == pd.Timestamp(month)]
    tiles = data.tiles(edition).merge(now, on="area_code")
    marked = tiles["mark"].notna().sum()
    if classes.yes_no:
        what = f"{len(tiles)}{UNIT}のうち「あり」は{int(tiles['numerator'].sum())}"
    elif tiles["value"].notna().any():
        low, high = (
            labels.value_text(kpi.kind, pick)
            for pick in rows_of(tiles.sort_values("value").dropna(subset="value").iloc[[0, -1]])
        )
        what = f"値のある{tiles['value'].notna().sum()}{UNIT}の範囲は{low}から{high}"
    else:
        what = "値のある市町村は0"
    alt = f"{kpi.label_ja}の地図({labels.wareki_month(month)}、1マスが1市町村)。{what}、記号のついた市町村は{marked}。"
    unit = f"単位: {kpi.unit}。" if kpi.kind != "share" else ""
    sources = (
        f"データ月: {labels.wareki_month(month)}。出典: 市町村の届出。{unit}凡例の括弧内は市町村の数。",
        "1マスが1市町村。位置はおおよその方角で、面積や境界を表しません。色の区分は全期間の値から定め、月が変わっても同じです。",
    )
    return Figure(
        f"map_{kpi_id}",
        f"{kpi.label_ja}: 市町村の比較({labels.wareki_month(month)})",
        tile_map(tiles, classes),
        alt,
        sources,
        month_table(edition, month, (kpi_id,)),
    )


@lru_cache(maxsize=128)
def _classes(edition: Edition, kpi_id: str, kind: str) -> Classes:
    """The classes of colour of a KPI over all months of an edition."""
    history = data.kpi_history(edition, kpi_id, "municipality")
    yes_no = labels.is_yes_no(kind, history["denominator"])
    return classes_of(history["value"].dropna(), kind, yes_no=yes_no)


@lru_cache(maxsize=128)
def month_table(
    edition: Edition, month: date, kpi_ids: tuple[str, ...], level: str = "municipality", codes: tuple[str, ...] = ()
) -> Table:
    """Every area of the level (or those of `codes`) × KPI for one month, marks in place."""
    cells = data.kpi_month(edition, month, kpi_ids, level)
    if codes:
        cells = cells[cells["area_code"].isin(codes)]
    kpis = cells.drop_duplicates("kpi_id")[["kpi_id", "kpi_label_ja", "kind", "unit"]]
    yes_no = {
        kpi_id: labels.is_yes_no(group["kind"].iloc[0], group["denominator"])
        for kpi_id, group in cells.groupby("kpi_id")
    }
    is_region = level == "region"
    rows: dict[str, list[tables.Cell | str]] = {}
    for cell in rows_of(cells):
        first = [cell.area_code, str(cell.area_label_ja), *([] if is_region else [str(cell.region_label_ja)])]
        row = rows.setdefault(cell.area_code, first)
        row.append(tables.kpi(cell.kind, cell, yes_no=yes_no[cell.kpi_id]))
    heads: list[Column | str] = [numbers(k.kpi_label_ja, k.unit) for k in rows_of(kpis)]
    names = [code_column("地域コード"), "地域"] if is_region else [code_column("団体コード"), UNIT, "地域"]
    caption = f"{'地域' if is_region else UNIT}別の値({labels.wareki_month(month)})"
    return tables.table(f"{level}_{month:%Y-%m}", caption, [*names, *heads], rows.values())
