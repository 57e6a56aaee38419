"""Sections a report on the prefecture and a briefing on a municipality share: each of one area and one fiscal year.

Frames in from queries, sections out. A section always says something: where no figure can be shown it says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboards import data
from dashboards.charts.bars import bars
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.reports.context import Picture, Printed, Section
from dashboards.reports.wording import count_text, fiscal_year_label, names, why_absent

STILL_OPEN, STARTED, LOST = "open", "started", "lost"


@dataclass(frozen=True)
class Size:
    """How much room bars get, in pixels: their longest length, and the height of one."""

    width: int
    row: int


WIDE, NARROW = Size(460, 24), Size(190, 17)


def picture(name: str, frame: pd.DataFrame, what: str, unit: str, size: Size = WIDE) -> Picture:
    """Bars of a frame (label, value, text), told in words too."""
    told = "、".join(f"{row.label} {row.text}" for row in rows_of(frame))
    room = {"width": size.width, "height": size.row * len(frame)}
    spec = bars(frame, f"{what}({unit})") | room
    return Picture(id=name, spec=spec, alt=f"{what}({unit})の棒グラフ。{told}。")


def _bars_of(frame: pd.DataFrame, label: str, number: str) -> pd.DataFrame:
    """label, value, text of a frame with marks."""
    return pd.DataFrame(
        {
            "label": frame[label],
            "value": frame[number].astype("Float64"),
            "text": [count_text(n, m) for n, m in zip(frame[number], frame["mark"], strict=True)],
        }
    )


def flow(edition: Edition, area_code: str, fiscal_year: int, size: Size = WIDE) -> Section:
    """The flow of support of a fiscal year, and where most cases stand still."""
    frame = data.support_flow(edition, fiscal_year, area_code)
    year, title = fiscal_year_label(fiscal_year), "支援の流れ"
    if frame["cases"].fillna(0).sum() == 0:
        return Section(id="flow", title_ja=title, sentences=(_nothing(frame, frame["cases"], f"{year}の支援の流れ"),))
    owed = frame[frame["mark"].ne("-")]  # a municipality without case work reports its consultations only
    shown = owed[owed["cases"].isna() | (owed["cases"] > 0)]
    sentences = [f"{year}に受け付けた相談と受理したケースが、どの段階からどの段階へ進んだかを件数で示します。"]
    if most := standing_still(frame):
        sentences.append(
            f"支援の始まる前で止まっているのは「{most.from_label_ja}」まで進んだケースが最も多く、{most.cases:,}件です。"
        )
    if lost := lost_cases(frame):
        sentences.append(f"終結の記録がないまま台帳から消えたケースが {lost:,}件あります。")
    if len(owed) < len(frame):
        sentences.append("ケースの段階は対象外です(もとになる様式の提出が見込まれていません)。")
    steps = shown.assign(step=shown["from_label_ja"] + " → " + shown["to_label_ja"])
    chart = picture("flow", _bars_of(steps, "step", "cases"), f"{year}の支援の流れ", "件", size)
    return Section(id="flow", title_ja=title, sentences=tuple(sentences), pictures=(chart,))


def standing_still(frame: pd.DataFrame) -> Any | None:
    """The step before support began at which most open cases wait (from_label_ja, cases), where that is known."""
    is_waiting = (frame["to_stage"] == STILL_OPEN) & (frame["from_stage"] != STARTED)
    waiting = frame[is_waiting & (frame["cases"].fillna(0) > 0)]
    return None if waiting.empty else rows_of(waiting.sort_values("cases", ascending=False, kind="stable").head(1))[0]


def lost_cases(frame: pd.DataFrame) -> int | None:
    """Cases of a flow that vanished from the ledger; None where one of the figures is not there."""
    lost = frame.loc[frame["to_stage"] == LOST, "cases"]
    return None if lost.empty or lost.isna().any() else int(lost.sum())


def gap_needs(edition: Edition, area_code: str, fiscal_year: int, size: Size = WIDE, *, with_ages: bool) -> Section:
    """狭間ニーズ by reason; `with_ages` adds the table of reasons by age band."""
    frame = data.gap_need_cross(edition, fiscal_year, area_code)
    year, title = fiscal_year_label(fiscal_year), "狭間ニーズ(理由別)"
    if frame["consultations"].fillna(0).sum() == 0:
        said = _nothing(frame, frame["consultations"], f"{year}の狭間ニーズ(理由別)")
        return Section(id="gap_needs", title_ja=title, sentences=(said,))
    reasons = totals(frame, "reason_label_ja")
    known = reasons[reasons["value"].notna()].sort_values("value", ascending=False, kind="stable")
    sentences = [f"{year}に受け付けた相談のうち、既存の制度で受け止められなかったもの(狭間ニーズ)の理由です。"]
    if not known.empty and known["value"].iloc[0] > 0:
        first = rows_of(known.head(1))[0]
        sentences.append(f"最も多い理由は「{first.label}」で、{first.text}件です。")
    if known.empty:
        sentences.append("どの理由も、年齢階級のどれかを秘匿しているため、計を出していません。")
    chart = picture("gap_needs", reasons, f"{year}の狭間ニーズの理由", "件", size)
    tables = (_reasons_by_age(frame, year),) if with_ages else ()
    notes = (
        ("記号の理由は、年齢階級のどれかが分からないため、計を出していません。",)
        if reasons["value"].isna().any()
        else ()
    )
    return Section(
        id="gap_needs",
        title_ja=title,
        sentences=tuple(sentences),
        pictures=() if known.empty else (chart,),
        tables=tables,
        notes=() if known.empty else notes,
    )


def totals(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """label, value, text: the sum of each group, or the mark of a group that is not whole."""
    rows: list[dict[str, Any]] = []
    for label, group in frame.groupby(by, sort=False):
        mark = next((mark for mark in group["mark"] if isinstance(mark, str)), None)
        number = None if mark else int(group["consultations"].sum())
        rows.append({"label": label, "value": number, "text": count_text(number, mark)})
    return pd.DataFrame(rows, dtype=object)


def _reasons_by_age(frame: pd.DataFrame, year: str) -> Printed:
    ages = list(dict.fromkeys(frame["age_label_ja"]))
    rows = []
    for reason, group in frame.groupby("reason_label_ja", sort=False):
        texts = {row.age_label_ja: count_text(row.consultations, row.mark) for row in rows_of(group)}
        rows.append((str(reason), *(texts.get(age, "-") for age in ages)))
    return Printed(
        title_ja=f"{year}の狭間ニーズ(理由 × 年齢階級、件)",
        heads=("理由", *ages),
        rows=tuple(rows),
        numeric=tuple(range(1, len(ages) + 1)),
        widths=(2.4, *(1.0 for _ in ages)),
    )


def presence(edition: Edition, area_code: str, fiscal_year: int, size: Size = WIDE) -> Section:
    """Who comes to 重層的支援会議, and who never did."""
    frame = data.meeting_presence(edition, fiscal_year, area_code)
    year, title = fiscal_year_label(fiscal_year), "会議と連携"
    of = frame["of_meetings"].max()
    if pd.isna(of) or of == 0:
        said = _nothing(frame, frame["of_meetings"], f"{year}の重層的支援会議の参加機関")
        return Section(id="presence", title_ja=title, sentences=(said,))
    never = frame.loc[frame["meetings"].eq(0).fillna(False), "label_ja"]
    sentences = [f"{year}の重層的支援会議は、これまでに {of:,}回です。"]
    sentences.append(
        f"一度も参加していない分野: {names(never)}。" if len(never) else "どの分野も一度は参加しています。"
    )
    told = _bars_of(frame, "label_ja", "meetings")
    chart = picture("presence", told, f"{year}に参加した重層的支援会議", f"{of:,}回のうち、回", size)
    return Section(id="presence", title_ja=title, sentences=tuple(sentences), pictures=(chart,))


def never_referring(frame: pd.DataFrame) -> list[str]:
    """Kinds of agencies that referred no case, where that is known."""
    none = frame["cases"].eq(0).fillna(value=False) & (frame["agency_type"] != "unknown")
    return [str(label) for label in frame.loc[none, "label_ja"]]


def referrals(edition: Edition, area_code: str, fiscal_year: int) -> Section:
    """Who refers cases, and who never does."""
    frame = data.referral_source(edition, fiscal_year, area_code)
    year, title = fiscal_year_label(fiscal_year), "つないだ機関"
    if frame["cases"].fillna(0).sum() == 0:
        said = _nothing(frame, frame["cases"], f"{year}のつなぎ元")
        return Section(id="referrals", title_ja=title, sentences=(said,))
    known = frame[frame["cases"].fillna(0) > 0].sort_values("cases", ascending=False, kind="stable")
    never = never_referring(frame)
    hidden = int((frame["mark"] == "x").sum())
    sentences = [
        "つないだ機関: " + "、".join(f"{row.label_ja} {row.cases:,}件" for row in rows_of(known.head(6))) + "。"
    ]
    if len(never):
        sentences.append(f"{year}に一度もつないでいない機関({len(never)}): {names(never, 8)}。")
    if hidden:
        sentences.append(f"このほか {hidden} の機関の件数は秘匿しています。")
    return Section(id="referrals", title_ja=title, sentences=tuple(sentences))


def _nothing(frame: pd.DataFrame, numbers: pd.Series, what: str) -> str:
    if numbers.notna().any():
        return f"{what}は 0件です。" if frame["mark"].isna().all() else why_absent(frame["mark"], what)
    return why_absent(frame["mark"], what)
