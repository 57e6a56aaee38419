"""A KPI by the members of a code list, summed over months (a stock: in one): bars in the order of the list. Used by several
pages."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.bars import bars
from dashboards.components import filters
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.tables import code_column, numbers

WINDOW = 12  # months
LONG = 12  # members: of a longer list the chart shows those that occur, the table all


@lru_cache(maxsize=256)
def breakdown_figure(
    edition: Edition, area_code: str, month: date, kpi_id: str, dimension: str, months: int = WINDOW
) -> Figure | Nothing:
    """Sums over the months to `month` (of a stock: 1). A month with a mark adds nothing; the figure then says so (`34+x`,
    `34+…`)."""
    kpi = rows_of(data.catalogue(edition, (kpi_id,)))
    asked = data.dimensions(edition)
    asked = asked[(asked["kpi_id"] == kpi_id) & (asked["dimension"] == dimension)]
    area = filters.label_of(edition, area_code)
    if not kpi or asked.empty:
        return Nothing(f"{area}の内訳", "この版にはこの内訳がありません。")
    span = over = f"{labels.wareki_month(month)}末"
    if months > 1:
        span = f"{labels.wareki_month(labels.months_before(month, months - 1))}〜{labels.wareki_month(month)}"
        over = f"{months}か月の合計"
    name = f"{area}の{kpi[0].label_ja}: {asked['label_ja'].iloc[0]}別({over})"
    rows = data.kpi_by(edition, kpi_id, dimension, area_code)
    first = pd.Timestamp(labels.months_before(month, months - 1))
    rows = rows[(rows["period"] >= first) & (rows["period"] <= pd.Timestamp(month))]
    if rows.empty or rows["numerator"].isna().all():
        return Nothing(name, f"{span}に公表できる値がありません。")
    sums = _sums(rows)
    alt = f"{name}。合計{labels.thousands(sums['value'].sum())}{kpi[0].unit}、" + "、".join(
        f"{row.label}{row.text}" for row in rows_of(sums) if row.text != "0"
    )
    occurring = sums[sums["text"] != "0"]
    shown = occurring if len(sums) > LONG and not occurring.empty else sums
    sources = (
        f"期間: {span}。単位: {kpi[0].unit}。出典: 市町村の届出。並びは区分の順で、大きさの順ではありません。",
        "0件の区分は図から省き、表に示します。" if len(shown) < len(sums) else "",
        "+x は秘匿した月、+… は未提出の月を含まない合計であることを示します。"
        if sums["text"].str.contains(r"\+").any()
        else "",
    )
    heads = [
        code_column("区分コード"),
        "区分",
        numbers("合計", str(kpi[0].unit)),
        numbers("秘匿の月数"),
        numbers("値のない月数"),
    ]
    body = [
        [row.member, row.label, tables.count(row.value), tables.count(row.hidden), tables.count(row.absent)]
        for row in rows_of(sums)
    ]
    table = tables.table(f"{kpi_id}_{dimension}", f"{name}({span})", heads, body)
    spec = bars(shown[["label", "value", "text"]], f"{kpi[0].label_ja}({kpi[0].unit})")
    return Figure(f"{kpi_id}_by_{dimension}", name, spec, alt, sources, table)


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    """member, label, value, hidden, absent, text, in the order of the list."""
    rows = rows.assign(value=rows["numerator"].fillna(0), hidden=rows["mark"].eq("x"), absent=rows["mark"].eq("…"))
    grouped = rows.groupby(["member", "member_label_ja"], sort=False)
    sums = grouped[["value", "hidden", "absent"]].sum().astype(int).reset_index()
    sums = sums.rename(columns={"member_label_ja": "label"})
    sums["text"] = [
        f"{labels.thousands(row.value)}{'+x' if row.hidden else ''}{'+…' if row.absent else ''}"
        for row in rows_of(sums)
    ]
    return sums
