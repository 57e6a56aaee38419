"""What every KPI means: formula, source, why, lineage."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.components import markup
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.tables import Table

KINDS = {"count": "件数", "share": "割合", "rate": "率", "median": "中央値", "elapsed": "経過月数"}
DIRECTIONS = {"up": "増えるとよい", "down": "減るとよい", "none": "多寡で評価しない"}


def matching(edition: Edition, words: str) -> pd.DataFrame:
    """KPIs that hold every word asked for, anywhere in name, id, formula or reason."""
    frame = data.catalogue_full(edition)
    texts = (
        frame["label_ja"] + " " + frame["kpi_id"] + " " + frame["formula_ja"] + " " + frame["why_it_matters"].fillna("")
    )
    for word in words.split():
        hits = texts.str.contains(word, case=False, regex=False)
        frame, texts = frame[hits], texts[hits]
    return frame


@lru_cache(maxsize=128)
def list_table(edition: Edition, words: str) -> Table:
    """The KPIs in one table."""
    forms = dict(zip(data.forms(edition)["form"], data.forms(edition)["label_ja"], strict=True))
    body = [
        [
            row.label_ja,
            row.kpi_id,
            f"{KINDS.get(row.kind, row.kind)}({row.unit})",
            row.formula_ja,
            "、".join(forms.get(form, form) for form in row.forms),
        ]
        for row in rows_of(matching(edition, words))
    ]
    heads = ["指標", "指標の英語名", "種類と単位", tables.long_text("計算のしかた"), tables.long_text("もとになる様式")]
    return tables.table("catalogue", f"指標 {len(body)}件", heads, body)


@lru_cache(maxsize=128)
def details(edition: Edition, kpi_id: str) -> str:
    """One KPI in full."""
    row = rows_of(data.catalogue_full(edition).query("kpi_id == @kpi_id"))[0]
    forms = dict(zip(data.forms(edition)["form"], data.forms(edition)["label_ja"], strict=True))
    asked = data.dimensions(edition)
    breakdowns = list(asked.loc[asked["kpi_id"] == kpi_id, "label_ja"])
    steps = ["、".join(forms.get(form, form) for form in row.forms) or "登録簿", "検査", "集計", "秘匿処理", "公開"]
    pairs = [
        ("計算のしかた", str(row.formula_ja)),
        ("なぜ見るか", labels.or_blank(row.why_it_matters)),
        ("種類と単位", f"{KINDS.get(row.kind, row.kind)}({row.unit})"),
        ("方向", DIRECTIONS.get(str(row.direction), "")),
        ("内訳", "、".join(breakdowns) or "なし"),
        (
            "人の数を含むか",
            "含む(公開版と市町村アドバイザー版では小さな数を秘匿)" if row.counts_persons else "含まない",
        ),
        ("道すじ", " → ".join(steps)),
        ("根拠", labels.or_blank(row.source)),
        ("担当", labels.or_blank(row.owner)),
        ("見直した日", tables.day(row.reviewed_on, unknown="まだありません").text),
    ]
    return markup.definition(f"{row.label_ja}({row.kpi_id})", pairs)
