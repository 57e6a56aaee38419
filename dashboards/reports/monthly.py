"""月次報告: the prefecture in one month, for one audience. Edition in, context out.

The sections of one area are in sections.py, the tables as data in tables.py, looks in templates/.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from dashboards import data, labels
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts import cards, kpi_views, way
from dashboards.parts.figure import Figure, Nothing
from dashboards.reports import sections
from dashboards.reports.context import MonthlyReport, Picture, Printed, Section
from dashboards.reports.stamp import stamp_of
from dashboards.reports.tables import data_tables
from dashboards.reports.wording import (
    LEGEND,
    count_text,
    date_text,
    fiscal_year_label,
    fiscal_year_of,
    names,
    why_absent,
    with_unit,
    yen_text,
)

HEADLINE = (
    "window_rate",
    "programme_rate",
    "transition_rate",
    "new_consultations",
    "complex_share",
    "gap_needs",
    "new_cases",
    "plans_made",
    "active_cases",
    "closures",
    "support_months_median",
    "jusou_meetings",
    "support_meetings",
    "outreach_persons",
    "new_matches",
    "grant_execution_rate",
    "dispatch_visits",
    "submission_rate",
)
ON_PAPER = ("window_rate", "new_consultations", "gap_needs", "new_cases", "active_cases", "closures", "jusou_meetings")
UNIT = "市町村"

Cells = dict[date, Any]


def monthly_report(edition: Edition, month: date) -> MonthlyReport:
    """The report of a month. Raises EditionError when the edition does not cover it."""
    stamp = stamp_of(edition, month)
    makers: tuple[Callable[[Edition, date], Section], ...] = (
        _headline, _path, _map, _flow, _gap_needs, _meetings, _grants, _support, _submissions, _municipalities, _method,
        _definitions,
    )  # fmt: skip
    return MonthlyReport(
        title_ja="重層的支援体制整備事業 月次報告",
        subject_ja=f"{edition.prefecture_name} {labels.wareki_month(month)}",
        stamp=stamp,
        lead=_lead(edition, month),
        sections=tuple(make(edition, month) for make in makers),
        notes=(LEGEND, stamp.suppression_ja),
        tables=data_tables(edition, month),
    )


def _history(edition: Edition, kpi_ids: tuple[str, ...]) -> dict[str, tuple[Any, Cells]]:
    """KPI id → (its catalogue row, the prefecture's cells by month); only the KPIs this edition has."""
    catalogue = {str(kpi.kpi_id): kpi for kpi in rows_of(data.catalogue(edition, kpi_ids))}
    cells: dict[str, Cells] = {kpi_id: {} for kpi_id in catalogue}
    for cell in rows_of(data.kpi_area(edition, kpi_ids, edition.prefecture_code)):
        cells[cell.kpi_id][cell.period.date()] = cell
    return {kpi_id: (kpi, cells[kpi_id]) for kpi_id, kpi in catalogue.items()}


def _lead(edition: Edition, month: date) -> tuple[str, ...]:
    """What a reader must know who reads no further."""
    found = _history(edition, HEADLINE)
    sentences = way.statement(edition, month)
    for kpi_id in ("new_consultations", "gap_needs", "new_cases", "active_cases"):
        if kpi_id in found:
            sentences.append(_sentence(*found[kpi_id], month))
    due = _due(edition, month)
    missing = int((due["completeness"] == "missing").sum())
    if len(due):
        sentences.append(
            f"見込まれる提出{len(due):,}件のうち、未提出は{missing:,}件です。" if missing
            else f"見込まれる提出{len(due):,}件は、すべて届いています。"
        )  # fmt: skip
    return tuple(sentences)


def _sentence(kpi: Any, cells: Cells, month: date) -> str:
    """新規相談受付件数は1,234件(前月比 +20件、前年同月比 比較なし)。提出は63市町村のうち62市町村。"""
    now = cells[month]
    if labels.is_marked(now):
        return f"{kpi.label_ja}は、{why_absent([now.mark], 'この月の値')}"
    if pd.isna(now.value):
        return f"{kpi.label_ja}は、割る数がまだ0のため出せません。"
    said = f"{kpi.label_ja}は{with_unit(kpi, now)}({_changes(kpi, cells, month)})。"
    if now.submitted_areas < now.expected_areas:
        said += f"提出が見込まれる{now.expected_areas}{UNIT}のうち{now.submitted_areas}{UNIT}の合計です。"
    return said


def _changes(kpi: Any, cells: Cells, month: date) -> str:
    against = {"前月比": labels.months_before(month, 1), "前年同月比": labels.months_before(month, 12)}
    return "、".join(f"{name} {cards.change(kpi, cells[month], cells.get(day))}" for name, day in against.items())


def _headline(edition: Edition, month: date) -> Section:
    rows = []
    for kpi, cells in _history(edition, HEADLINE).values():
        now = cells.get(month)
        if now is None:
            continue
        before = (cells.get(labels.months_before(month, back)) for back in (1, 12))
        base = (
            f"{now.numerator:,} / {now.denominator:,}" if pd.notna(now.denominator) and pd.notna(now.numerator) else ""
        )
        rows.append(
            (
                str(kpi.label_ja),
                labels.value_text(kpi.kind, now) if pd.isna(now.value) else with_unit(kpi, now),
                base,
                *(cards.change(kpi, now, cell) for cell in before),
                f"{now.submitted_areas}/{now.expected_areas}",
            )
        )
    table = Printed(
        title_ja=f"主な指標({labels.wareki_month(month)})",
        heads=("指標", "この月", "分子/分母", "前月比", "前年同月比", "提出/予定"),
        rows=tuple(rows),
        numeric=(1, 2, 3, 4, 5),
        widths=(2.5, 1.2, 2.5, 1.9, 1.9, 1),
    )
    return Section(
        id="headline",
        title_ja="主な指標",
        sentences=("県全体の値です。提出した市町村の値の合計で、提出/予定は市町村の数です。",),
        tables=(table,),
        notes=(cards.NOTES[1],),
    )


def _pictures(name: str, figure: Figure | Nothing, width: int, height: int) -> tuple[Picture, ...]:
    """A chart of the dashboard in the size of the page; none where there is nothing to draw."""
    if isinstance(figure, Nothing):
        return ()
    spec = figure.spec | {"width": width, "height": height}
    return (Picture(id=name, spec=spec, alt=figure.alt, sources=figure.sources),)


def _path(edition: Edition, month: date) -> Section:
    sentences = tuple(way.statement(edition, month))
    pictures = _pictures("path", way.path_figure(edition, month), 700, 250)
    return Section(id="path", title_ja="目標までの道筋", sentences=sentences, pictures=pictures)


def _map(edition: Edition, month: date) -> Section:
    figure = kpi_views.map_figure(edition, month, data.SETUP_KPI)
    without = data.without_window(edition, month)
    rows = tuple(
        (
            str(row.area_label_ja),
            str(row.region_label_ja),
            str(row.status_label_ja) if row.known else "届出なし",
            date_text(row.as_of) if row.known else "不明",
        )
        for row in rows_of(without)
    )
    table = Printed(
        title_ja="窓口も調整チームもない市町村", heads=(UNIT, "地域", "事業の状態", "最新の届出"), rows=rows
    )
    said = f"窓口も調整チームもない市町村は{len(rows)}です。" if rows else "窓口も調整チームもない市町村はありません。"
    return Section(
        id="map",
        title_ja="市町村の状況",
        sentences=(said,),
        pictures=_pictures("map", figure, 700, 430),
        tables=(table,) if rows else (),
    )


def _flow(edition: Edition, month: date) -> Section:
    return sections.flow(edition, edition.prefecture_code, fiscal_year_of(month))


def _gap_needs(edition: Edition, month: date) -> Section:
    return sections.gap_needs(edition, edition.prefecture_code, fiscal_year_of(month), with_ages=True)


def _meetings(edition: Edition, month: date) -> Section:
    section = sections.presence(edition, edition.prefecture_code, fiscal_year_of(month))
    found = _history(edition, ("jusou_meetings", "support_meetings"))
    said = tuple(_sentence(kpi, cells, month) for kpi, cells in found.values())
    return section.model_copy(update={"sentences": said + section.sentences})


def _grants(edition: Edition, month: date) -> Section:
    year = fiscal_year_of(month)
    by_field = data.kpi_by(edition, "grant_execution_rate", "field", edition.prefecture_code)
    by_field = by_field[(by_field["period"] == pd.Timestamp(month)) & by_field["numerator"].notna()]
    whole = _history(edition, ("grant_execution_rate",))
    said = [_sentence(kpi, cells, month) for kpi, cells in whole.values()]
    found = data.grant_reconciliation(edition, year)
    said.append(
        f"{fiscal_year_label(year)}の交付金で、額の合わないものが{len(found):,}件あります。"
        if len(found)
        else f"{fiscal_year_label(year)}の交付金で、額の合わないものは見つかっていません。"
    )
    rows = tuple(
        (
            str(row.member_label_ja),
            yen_text(row.denominator),
            yen_text(row.numerator),
            labels.value_text("share", row),
        )
        for row in rows_of(by_field)
        if row.denominator
    )
    table = Printed(
        title_ja=f"{fiscal_year_label(year)}の交付決定と確定(国費と県費の計、分野別)",
        heads=("分野", "交付決定", "額の確定", "執行率"),
        rows=rows,
        numeric=(1, 2, 3),
    )
    notes = ("交付決定と額の確定の両方がある区分だけを数えます。",)
    return Section(id="grants", title_ja="交付金", sentences=tuple(said), tables=(table,) if rows else (), notes=notes)


def _support(edition: Edition, month: date) -> Section:
    year = fiscal_year_of(month)
    given = data.support_given(edition)
    given = given[given["happened_on"].between(pd.Timestamp(year, 4, 1), pd.Timestamp(labels.month_end(month)))]
    visits = given[(given["kind"] == "dispatch") & (given["status"] == "done")]
    in_month = visits[visits["happened_on"] >= pd.Timestamp(month)]
    trained = given[(given["kind"] == "training") & (given["attendees"] >= 1)]
    known = data.kpi_month(edition, month, ("dispatch_visits",), "prefecture")
    this_month = f"この月に{len(in_month):,}回"
    if known["mark"].eq("…").any():
        this_month = "この月の記録がまだ届いておらず"
    said = [
        (
            f"アドバイザー派遣は、{this_month}、{fiscal_year_label(year)}の累計で{len(visits):,}回です。"
            f"派遣を受けたのは{visits['municipality_code'].nunique()}{UNIT}、研修会に参加したのは"
            f"{trained['municipality_code'].nunique()}{UNIT}です。"
        )
    ]
    topics = visits["topics"].explode().value_counts() if len(visits) else pd.Series(dtype=int)
    frame = pd.DataFrame(
        [
            {"label": label, "value": int(topics.get(code, 0)), "text": count_text(int(topics.get(code, 0)), None)}
            for code, label in data.code_labels(edition, "advice_topic").items()
        ]
    )
    pictures = (
        (sections.picture("advice", frame, f"{fiscal_year_label(year)}の助言の内容", "回、1回に複数あり"),)
        if len(visits)
        else ()
    )
    return Section(id="support", title_ja="県の後方支援", sentences=tuple(said), pictures=pictures)


def _due(edition: Edition, month: date) -> pd.DataFrame:
    """The monthly submissions expected of the municipalities for a month."""
    status = data.submission_status(edition, month, month)
    expected = status["expected"].fillna(value=False) & (status["cadence"] == "monthly")
    return status[expected & (status["sender_code"] != edition.prefecture_code)]


def _submissions(edition: Edition, month: date) -> Section:
    due = _due(edition, month)
    if due.empty:
        said = ("この月に見込まれる提出はありません。",)
        return Section(id="submissions", title_ja="提出の状況", sentences=said)
    missing = due[due["completeness"] == "missing"]
    rows = []
    for form, group in due.groupby("form_label_ja", sort=False):
        states = group["completeness"].value_counts()
        late = int((group["is_on_time"].eq(False)).fillna(False).sum())
        rows.append((str(form), *(f"{states.get(s, 0):,}" for s in ("complete", "partial", "missing")), f"{late:,}"))
    said = [f"見込まれる提出{len(due):,}件のうち、届いたのは{len(due) - len(missing):,}件です。"]
    tables = [
        Printed(
            title_ja="様式別の提出(市町村の数)",
            heads=("様式", "完全", "一部に誤り", "未提出", "期限後に提出"),
            rows=tuple(rows),
            numeric=(1, 2, 3, 4),
            widths=(3, 1, 1, 1, 1.2),
        )
    ]
    if len(missing) and edition.audience == "internal":
        lacking = [
            (str(name), names((str(form) for form in group["form_label_ja"]), 8))
            for name, group in missing.groupby("sender_label_ja", sort=False)
        ]
        tables.append(
            Printed(title_ja="未提出の市町村と様式", heads=(UNIT, "様式"), rows=tuple(lacking), widths=(1, 5))
        )
    return Section(id="submissions", title_ja="提出の状況", sentences=tuple(said), tables=tuple(tables))


def _municipalities(edition: Edition, month: date) -> Section:
    cells = data.kpi_month(edition, month, ON_PAPER)
    kpis = rows_of(data.catalogue(edition, ON_PAPER))
    yes_no = {
        str(kpi_id): labels.is_yes_no(group["kind"].iloc[0], group["denominator"])
        for kpi_id, group in cells.groupby("kpi_id")
    }
    texts: dict[str, list[str]] = {}
    for cell in rows_of(cells):
        row = texts.setdefault(str(cell.area_label_ja), [])
        row.append(labels.value_text(cell.kind, cell, yes_no=yes_no[cell.kpi_id]))
    heads = [f"{kpi.label_ja}({kpi.unit})" if kpi.kind == "count" else str(kpi.label_ja) for kpi in kpis]
    table = Printed(
        title_ja=f"市町村別の値({labels.wareki_month(month)})",
        heads=(UNIT, *heads),
        rows=tuple((name, *row) for name, row in texts.items()),
        numeric=tuple(range(1, len(heads) + 1)),
        widths=(1.6, *(1.0 for _ in heads)),
    )
    said = "全部の指標は、同じ名前の Excel と CSV にあります。件数の多い少ないは、取組の良し悪しを表しません。"
    return Section(id="municipalities", title_ja="市町村別の値", sentences=(said,), tables=(table,), notes=(LEGEND,))


def _method(edition: Edition, month: date) -> Section:
    stamp = stamp_of(edition, month)
    said = (
        f"この報告は版 {stamp.build_id}({stamp.audience_ja}版)だけから作りました。{stamp.known_at}までに届いた提出によります。",
        f"秘匿: {stamp.suppression_ja}",
        "県の値は市町村の値の合計、割合は分子の合計 ÷ 分母の合計です。平均の平均は使いません。未提出は0と数えません。",
        "目標までの道筋は等間隔に結んだ計算上の線です。見通しの作り方と幅は図の下に書きました。",
    )
    return Section(id="method", title_ja="集計の方法と秘匿", sentences=said)


def _definitions(edition: Edition, month: date) -> Section:
    used = set(HEADLINE) | set(ON_PAPER)
    rows = tuple(
        (str(kpi.label_ja), str(kpi.formula_ja)) for kpi in rows_of(data.catalogue_full(edition)) if kpi.kpi_id in used
    )
    table = Printed(title_ja="用いた指標の定義", heads=("指標", "算式"), rows=rows, widths=(1, 3))
    said = f"{labels.wareki_month(month)}の報告に用いた指標の算式です。"
    return Section(id="definitions", title_ja="指標の定義", sentences=(said,), tables=(table,))
