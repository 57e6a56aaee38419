"""The edition shown, and the others that were published: data month, when, what each changed."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from types import SimpleNamespace

from dashboards import data, labels, tables
from dashboards.access import AUDIENCES
from dashboards.components import markup
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.tables import Column, Table, code_column, numbers

MOST = 300  # changed cells shown one by one


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


def _moment(when: datetime) -> tables.Cell:
    return tables.Cell(f"{labels.wareki_date(when.date())} {when:%H:%M}", f"{when:%Y-%m-%dT%H:%M}")


def builds_table(edition: Edition) -> Table:
    """Every published build, newest first, and what its checks said."""
    body = [
        [
            build.build_id,
            tables.month(build.data_month),
            _moment(build.published_at),
            "表示中" if build.build_id == edition.build_id else "",
            tables.day(build.as_of, unknown="いいえ"),
            tables.count(build.checks_passed),
            tables.count(len(build.warned)),
        ]
        for build in data.published_builds(edition)
    ]
    heads: list[Column | str] = [
        "版",
        "データ月",
        "公開日時",
        "表示",
        "過去の時点の再現",
        numbers("合格した検査", "件"),
        numbers("注意のある検査", "件"),
    ]
    return tables.table("builds", f"公開した版 {len(body)}件", heads, body)


def checks_table(edition: Edition) -> Table:
    """What the checks of this build found and did not stop it for. Counts may be of few persons: internal edition only."""
    hidden = None if edition.audience == "internal" else "x"
    warned = [w for build in data.published_builds(edition) if build.build_id == edition.build_id for w in build.warned]
    body = [[one.label_ja, tables.count(one.failures, mark=hidden), one.reason_ja] for one in warned]
    heads = ["検査", numbers("該当", "件"), tables.long_text("止めない理由")]
    return tables.table("checks", f"この版の検査で注意のあったもの {len(body)}件", heads, body)


def checks_words(edition: Edition) -> str:
    """How many checks this build passed."""
    here = next((build for build in data.published_builds(edition) if build.build_id == edition.build_id), None)
    if here is None:
        return "この版には検査の記録がありません。"
    return f"この版は{here.checks_passed}件の検査に合格して公開されました。止めるべき誤りが1件でもあれば、版は公開されません。"


def others(edition: Edition) -> dict[str, str]:
    """The other builds this one may be set beside: id → label, the one published before it first."""
    known = data.published_builds(edition)
    earlier = [build for build in known if build.published_at < edition.published_at]
    later = [build for build in known if build.published_at > edition.published_at]
    return {
        build.build_id: f"{build.build_id}({_moment(build.published_at).text} 公開)"
        for build in [*earlier, *later]
        if build.build_id != edition.build_id
    }


@lru_cache(maxsize=16)
def changes_by_kpi(before: Edition, edition: Edition) -> Table:
    """How many cells of every KPI two builds do not have alike."""
    found = data.kpi_differences(before, edition)
    body = []
    for (kpi_id, label), rows in found.groupby(["kpi_id", "kpi_label_ja"], sort=False):  # type: ignore[misc]
        cells = [tables.count(int((rows["what"] == what).sum())) for what in ("changed", "new", "gone")]
        body.append([kpi_id, label, *cells, tables.month(rows["period"].min()), tables.month(rows["period"].max())])
    heads = [
        code_column("指標ID"),
        "指標",
        numbers("値が変わったマス"),
        numbers("増えたマス"),
        numbers("なくなったマス"),
    ]
    caption = f"版 {before.build_id} から変わった指標 {len(body)}件"
    return tables.table("changes_by_kpi", caption, [*heads, "いちばん古い月", "いちばん新しい月"], body)


@lru_cache(maxsize=16)
def changed_cells(before: Edition, edition: Edition) -> Table:
    """The cells that were there before and are different now, one by one, up to MOST."""
    found = data.kpi_differences(before, edition)
    found = found[found["what"] == "changed"]
    body = []
    for row in rows_of(found.head(MOST)):
        then = SimpleNamespace(numerator=row.before_numerator, value=row.before_value, mark=row.before_mark)
        now = SimpleNamespace(numerator=row.after_numerator, value=row.after_value, mark=row.after_mark)
        cells = (tables.kpi(row.kind, then), tables.kpi(row.kind, now))
        body.append([row.kpi_id, row.kpi_label_ja, row.area_code, row.area_label_ja, tables.month(row.period), *cells])
    heads = [
        code_column("指標ID"),
        "指標",
        code_column("地域コード"),
        "地域",
        "年月",
        numbers("前の値"),
        numbers("この版の値"),
    ]
    of_all = f"(はじめの{MOST}マス)" if len(found) > MOST else ""
    return tables.table("changed_cells", f"値が変わったマス {labels.thousands(len(found))}{of_all}", heads, body)


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
        numbers("うち一部受理", "件"),
    ]
    return tables.table("submitted", f"この月の数値のもとになった提出({labels.wareki_month(month)})", heads, body)
