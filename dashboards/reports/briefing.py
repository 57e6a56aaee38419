"""アドバイザー派遣ブリーフィング: one municipality on two pages, for the one who visits. Edition in, context out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from pandas.api.types import is_list_like

from dashboards import data, labels
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.reports import sections
from dashboards.reports.context import Briefing, Printed, Section
from dashboards.reports.facts import COUNTS, Place, facts_of
from dashboards.reports.questions import Facts, questions
from dashboards.reports.sections import NARROW
from dashboards.reports.stamp import stamp_of
from dashboards.reports.wording import LEGEND, count_text, date_text, names, with_unit, yen_text

MONTHS = 12
SHOWN = 4  # visits and actions


def briefing(edition: Edition, code: str, month: date) -> Briefing:
    """The briefing on a municipality. Raises EditionError for a code or month the edition does not know."""
    stamp = stamp_of(edition, month)
    place = Place(edition, code, month)
    facts = facts_of(place)
    year = place.fiscal_year
    made = (
        _profile(place),
        _setup(place),
        _months(place),
        sections.flow(edition, code, year, NARROW),
        sections.presence(edition, code, year, NARROW),
        sections.referrals(edition, code, year),
        sections.gap_needs(edition, code, year, NARROW, with_ages=False),
        _money(place),
        _support(place),
        _data(place, facts),
    )
    return Briefing(
        title_ja="アドバイザー派遣ブリーフィング",
        subject_ja=f"{place.facts.name} {labels.wareki_month(month)}",
        stamp=stamp,
        lead=_lead(place, facts),
        sections=made,
        notes=(LEGEND, stamp.suppression_ja),
        municipality_code=code,
        municipality_name=str(place.facts.name),
        questions=questions(facts),
        facts=facts.model_dump(mode="json"),
    )


def _lead(place: Place, facts: Facts) -> tuple[str, ...]:
    window = {True: "総合相談窓口または調整チームがあります", False: "総合相談窓口も調整チームもありません"}
    status = (
        "体制整備状況の届出がありません"
        if place.setup is None
        else f"事業の状態は「{place.setup.status_label_ja}」です"
    )
    said = [f"{status}。{window[bool(facts.has_window)]}。" if place.setup is not None else f"{status}。"]
    catalogue = rows_of(data.catalogue(place.edition, ("new_consultations", "active_cases")))
    told = [
        f"{kpi.label_ja} {with_unit(kpi, cell)}" for kpi in catalogue if (cell := place.cell(kpi.kpi_id)) is not None
    ]
    if told:
        said.append(f"{facts.month_ja}: {'、'.join(told)}。")
    last = rows_of(place.visits.head(1))
    said.append(
        f"前回の派遣は{date_text(last[0].happened_on)}({place.topics(last[0].topics)})。" if last
        else "これまでに派遣の記録はありません。"
    )  # fmt: skip
    return tuple(said)


def _profile(place: Place) -> Section:
    facts = place.facts
    names_of = {row.area_code: str(row.label_ja) for row in rows_of(data.areas(place.edition))}
    office = "福祉事務所あり" if facts.has_welfare_office else "福祉事務所なし(県の福祉事務所が所管)"
    said = (
        (
            f"人口 {facts.population_2020:,}人、65歳以上 {facts.pop_65plus / facts.population_2020:.1%}、"
            f"一般世帯 {facts.households_general:,}、うち単独世帯 {facts.households_single / facts.households_general:.1%}"
            "(令和2年国勢調査)。"
        ),
        f"地域: {facts.region_label_ja}。{office}。",
        (
            f"規模や高齢化の似た市町村: {'、'.join(names_of.get(str(code), str(code)) for code in place.peers)}。"
            f"このうち窓口か調整チームがあるのは {place.peers_with_window}です。"
        ),
    )
    return Section(id="profile", title_ja="どんなまちか", sentences=said)


def _setup(place: Place) -> Section:
    report = place.setup
    if report is None:
        said: tuple[str, ...] = ("体制整備状況の届出が一度もないため、分かりません。",)
        return Section(id="setup", title_ja="体制", sentences=said)
    started = (
        f"、開始予定 {labels.figure_date(f'FY{int(report.planned_start_fy)}')}"
        if pd.notna(report.planned_start_fy)
        else ""
    )
    operator = f"、多機関協働の主体 {report.operator_label_ja}" if isinstance(report.operator_label_ja, str) else ""
    said = (
        f"事業の状態: {report.status_label_ja}{started}{operator}({date_text(report.as_of)}の届出)。",
        (
            f"総合相談窓口: {_since(report.one_stop_window, report.window_since)}。"
            f"調整チーム: {_since(report.coordination_team, report.team_since)}。"
            f"実施計画: {'策定済' if _is_true(report.plan_published) else '未策定または不明'}。"
        ),
    )
    goals = data.goals(place.edition, place.code, place.fiscal_year)
    if len(goals):
        reached = int(goals["is_reached"].eq(True).fillna(value=False).sum())
        said += (f"{place.year_ja}の数値目標 {len(goals)}のうち、達成を確かめたもの {reached}。",)
    return Section(id="setup", title_ja="体制", sentences=said)


def _is_true(flag: Any) -> bool:
    return pd.notna(flag) and bool(flag)


def _since(flag: Any, day: Any) -> str:
    if not _is_true(flag):
        return "なし" if pd.notna(flag) else "不明"
    return f"あり({date_text(day)}から)" if pd.notna(day) else "あり"


def _months(place: Place) -> Section:
    first = labels.months_before(place.month, MONTHS - 1)
    months = [labels.months_before(place.month, back) for back in range(MONTHS - 1, -1, -1)]
    cells = place.history
    within = cells["period"].between(pd.Timestamp(first), pd.Timestamp(place.month))
    cells = cells[within & cells["kpi_id"].isin(COUNTS)]
    rows, absent = [], []
    for kpi_id, group in cells.groupby("kpi_id", sort=False):
        texts = {cell.period.date(): count_text(cell.numerator, cell.mark) for cell in rows_of(group)}
        label = f"{group['kpi_label_ja'].iloc[0]}({group['unit'].iloc[0]})"
        if group["numerator"].notna().any():
            rows.append((label, *(texts.get(month, "") for month in months)))
        else:
            absent.append((str(kpi_id), label, group["mark"]))
    said = [f"{labels.wareki_month(first)}から{labels.wareki_month(place.month)}まで。空欄は集計の始まる前です。"]
    said += (
        [f"12か月とも値のないもの: {'、'.join(f'{label} {_marks(marks)}' for _, label, marks in absent)}。"]
        if absent
        else []
    )
    heads = tuple(f"{month.month}月" for month in months)
    table = Printed(
        title_ja="月ごとの件数",
        heads=("指標", *heads),
        rows=tuple(rows),
        numeric=tuple(range(1, MONTHS + 1)),
        widths=(4.2, *(1.0 for _ in heads)),
    )
    return Section(id="months", title_ja="12か月の動き", sentences=tuple(said), tables=(table,) if rows else ())


def _marks(marks: pd.Series) -> str:
    return "・".join(dict.fromkeys(f"{mark}({labels.MARKS[mark]})" for mark in marks if isinstance(mark, str)))


def _money(place: Place) -> Section:
    grants = data.grant_component(place.edition, place.fiscal_year)
    mine = grants[grants["municipality_code"] == place.code]
    cell = place.cell("grant_execution_rate")
    said = []
    if cell is not None and pd.notna(cell.value):
        left = int(cell.denominator - cell.numerator)
        said.append(
            f"{place.year_ja}の交付決定(国費と県費)のうち確定のある区分は {yen_text(cell.denominator)}、"
            f"確定 {yen_text(cell.numerator)}(執行率 {cell.value:.1%})。使われていない額 {yen_text(left)}。"
        )
    elif len(mine):
        stages = data.code_labels(place.edition, "grant_stage")
        reached = list(dict.fromkeys(stages.get(str(stage), str(stage)) for stage in mine["stage"]))
        said.append(f"{place.year_ja}の交付金は「{'」「'.join(reached)}」まで記録があり、額の確定はまだありません。")
    else:
        said.append(f"{place.year_ja}の交付金の記録はありません。")
    refund = place.cell("grant_refund_yen")
    if refund is not None and pd.notna(refund.numerator) and refund.numerator:
        said.append(f"返還の見込額 {yen_text(refund.numerator)}。")
    found = data.grant_reconciliation(place.edition, place.fiscal_year)
    wrong = int((found["municipality_code"] == place.code).sum())
    if wrong:
        said.append(f"額の合わないところが {wrong}件あります。県の担当に確かめてください。")
    return Section(id="money", title_ja="交付金", sentences=tuple(said))


def _support(place: Place) -> Section:
    said = [f"{place.year_ja}に参加した研修会: {len(place.trainings)}回。"]
    hoped = [
        f"{place.topics(r.topics) or '記載なし'}({date_text(r.requested_on)}申請)"
        for r in rows_of(place.requests.head(2))
    ]
    said.append(f"今回の希望: {'、'.join(hoped)}。" if hoped else "派遣の申請は、この時点でありません。")
    tables = []
    visits = rows_of(place.visits.head(SHOWN))
    if visits:
        rows = tuple(
            (date_text(v.happened_on), str(v.adviser_label_ja), str(v.mode_label_ja), place.topics(v.topics))
            for v in visits
        )
        tables.append(
            Printed(
                title_ja="前回までの派遣",
                heads=("実施日", "だれが", "形態", "助言"),
                rows=rows,
                widths=(1.7, 1.2, 1, 2),
            )
        )
    else:
        said.append("派遣の記録はありません。")
    actions = rows_of(place.actions.head(SHOWN))
    if actions:
        status = data.code_labels(place.edition, "action_status")
        rows = tuple(
            (
                place.topics(a.topics),
                date_text(a.due_on),
                status.get(str(a.status), str(a.status)),
                date_text(a.done_on),
            )
            for a in actions
        )
        tables.append(
            Printed(
                title_ja="助言への対応", heads=("助言", "期限", "状態", "済んだ日"), rows=rows, widths=(2, 1.7, 1, 1.7)
            )
        )
    return Section(id="support", title_ja="これまでの支援と今回の希望", sentences=tuple(said), tables=tuple(tables))


def _data(place: Place, facts: Facts) -> Section:
    said = []
    if place.missing:
        said.append(f"{facts.month_ja}の未提出: {names(place.missing, 8)}。")
    if facts.row_error_rate:
        said.append(f"提出した行のうち誤りで数えられなかった行 {facts.row_error_rate:.1%}。")
    if facts.balance_gap:
        said.append(f"月次集計表と台帳の差の合計 {facts.balance_gap:,}件。")
    if facts.lost_cases:
        said.append(f"終結の記録がないまま消えたケース {facts.lost_cases:,}件。")
    signals = data.kpi_signal(place.edition, place.code)
    found = [str(row.kpi_id) for row in rows_of(signals) if is_list_like(row.signals) and len(row.signals)]
    if found:
        labels_of = [str(kpi.label_ja) for kpi in rows_of(data.catalogue(place.edition, tuple(found)))]
        said.append(f"ふだんの変動から外れた月のある指標: {names(labels_of, 5)}。")
    if not said:
        said.append("この月の提出と数の突き合わせに、気をつけるところは見つかっていません。")
    return Section(id="data", title_ja="データを読むときの注意", sentences=tuple(said))
