"""The edition shown, and the others that were published: data month, when, what each changed."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from dashboards import data, labels, tables
from dashboards.access import AUDIENCES
from dashboards.components import markup
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.tables import Table, code_column, numbers


@lru_cache(maxsize=8)
def facts(edition: Edition) -> str:
    """The build in facts."""
    build = data.builds(edition).iloc[0]
    as_of = build.get("as_of")
    pairs = [
        ("版", edition.build_id),
        ("データ月", labels.wareki_month(edition.data_month)),
        ("公開日時", f"{labels.wareki_date(edition.published_at.date())} {edition.published_at:%H:%M}"),
        ("受付を締めた時点", tables.day(build.get("known_at"), unknown="記録なし").text),
        ("過去の時点の再現", tables.day(as_of, unknown="いいえ").text),
        ("閲覧区分", AUDIENCES[edition.audience]),
        ("数値の由来", "合成データ(架空)" if edition.is_synthetic else "市町村と県の届出"),
    ]
    return markup.facts("いま見ている版", pairs)


@lru_cache(maxsize=16)
def suppression_table(edition: Edition) -> Table:
    """How many cells of the data month are hidden, missing or not owed, KPI by KPI."""
    rows = data.marks(edition, edition.data_month)
    body = [
        [
            row.kpi_id,
            row.label_ja,
            *(tables.count(n) for n in (row.cells, row.known, row.hidden, row.missing, row.not_owed)),
        ]
        for row in rows_of(rows)
    ]
    heads = [
        code_column("指標ID"),
        "指標",
        numbers("市町村のマス"),
        numbers("値あり"),
        numbers("x 秘匿"),
        numbers("… 未提出"),
        numbers("- 対象外"),
    ]
    return tables.table("marks", f"記号の内訳({labels.wareki_month(edition.data_month)})", heads, body)


@lru_cache(maxsize=16)
def submitted_table(edition: Edition, month: date) -> Table:
    """What the build of this month rests on: submissions by form."""
    rows = data.submission_status(edition, month, month)
    rows = rows[rows["cadence"] == "monthly"]
    body = []
    for (form, label), group in rows.groupby(["form", "form_label_ja"], sort=False):  # type: ignore[misc]
        accepted = group["status"].isin(["accepted", "accepted_with_errors"]).sum()
        body.append(
            [
                form,
                label,
                tables.count(int(group["expected"].sum())),
                tables.count(int(accepted)),
                tables.count(int((group["status"] == "accepted_with_errors").sum())),
            ]
        )
    heads = [
        code_column("様式ID"),
        "様式",
        numbers("予定", "件"),
        numbers("受理", "件"),
        numbers("うち一部に誤り", "件"),
    ]
    return tables.table("submitted", f"この月の数値のもとになった提出({labels.wareki_month(month)})", heads, body)
