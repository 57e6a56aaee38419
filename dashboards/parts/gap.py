"""Needs no scheme takes (狭間ニーズ): reason × age. Cards, series and breakdowns come from the shared parts."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.classes import classes_of
from dashboards.charts.heat import heat
from dashboards.components import filters
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.parts.flow import fiscal_year
from dashboards.tables import code_column, numbers

CARDS = ("gap_needs", "gap_need_share", "gap_unmet_share", "resource_needs_open", "resources_developed")


@lru_cache(maxsize=128)
def cross_figure(edition: Edition, area_code: str, month: date) -> Figure | Nothing:
    """Reason × age band of one fiscal year."""
    year = labels.fiscal_year_label(fiscal_year(month))
    name = f"{filters.label_of(edition, area_code)}: 狭間ニーズの理由と年齢({year})"
    rows = data.gap_need_cross(edition, fiscal_year(month), area_code)
    if rows.empty or rows["consultations"].isna().all():
        return Nothing(name, "この年度に公表できる値がありません。")
    texts = [row.mark if labels.is_marked(row) else labels.thousands(row.consultations) for row in rows_of(rows)]
    frame = pd.DataFrame(
        {"row": rows["reason_label_ja"], "column": rows["age_label_ja"], "value": rows["consultations"], "text": texts}
    )
    classes = classes_of(rows["consultations"].dropna().astype(float), "count", yes_no=False)
    most = rows.sort_values("consultations", ascending=False).iloc[0]
    hidden = int((rows["mark"] == "x").sum())
    alt = (
        f"{name}。理由{rows['gap_reason'].nunique()}区分と年齢{rows['age_band'].nunique()}区分の表。"
        f"最も多いのは{most['reason_label_ja']}・{most['age_label_ja']}の{labels.thousands(most['consultations'])}件。秘匿は{hidden}マス。"
    )
    sources = (
        f"単位: 件。期間: {year}(年度の途中は届いた月まで)。出典: 相談受付。",
        "色は多さの段階で、件数はマスの中に示します。記号: x 秘匿、… 未提出。",
    )
    heads = [code_column("理由コード"), "理由", code_column("年齢コード"), "年齢", numbers("件数", "件")]
    body = [
        [
            row.gap_reason,
            row.reason_label_ja,
            row.age_band,
            row.age_label_ja,
            tables.count(row.consultations, mark=row.mark),
        ]
        for row in rows_of(rows)
    ]
    table = tables.table("gap_cross", name, heads, body)
    return Figure("gap_cross", name, heat(frame, classes), alt, sources, table)
