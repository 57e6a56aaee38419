"""The way to the target: where the prefecture stands against an even path, in a sentence, a card, a chart and a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pandas as pd

from dashboards import data, labels, tables
from dashboards.charts.target_path import even_path, target_path
from dashboards.components import markup
from dashboards.components.markup import Card
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts.figure import Figure, Nothing
from dashboards.tables import Table, numbers

UNIT = "市町村"
METHODS = {"beta_binomial": "残りの市町村が月ごとに設ける割合を、これまでの実績から推定"}
WHAT = "総合相談窓口または調整チーム"
NAME = f"{WHAT}のある市町村: 実績と目標までの道筋"


@dataclass(frozen=True)
class Way:
    """Where the prefecture stands between the first printed figure and the target, at the end of one month."""

    month: date
    count: int
    areas: int
    start: date
    start_count: int
    end: date
    target: int
    source: str

    @property
    def left(self) -> int:
        """Municipalities still to come."""
        return max(0, self.target - self.count)

    @property
    def expected(self) -> float:
        """The even path at the end of the month."""
        share = (labels.month_end(self.month) - self.start) / (self.end - self.start)
        return self.start_count + (self.target - self.start_count) * share


@lru_cache(maxsize=64)
def way(edition: Edition, month: date) -> Way | None:
    """Where we stand; None if the edition has no printed start or target for this prefecture, or no window_rate."""
    figures = data.published_figures(edition, "window_or_team_municipalities", edition.prefecture_name)
    history = data.kpi_history(edition, data.SETUP_KPI, "prefecture")
    now = history[history["period"] == pd.Timestamp(month)]
    first, goal = figures[figures["status"] == "actual"].head(1), figures[figures["status"] == "target"].tail(1)
    if first.empty or goal.empty or now["numerator"].isna().all():
        return None
    return Way(
        month=month,
        count=int(now["numerator"].iloc[0]),
        areas=int(now["denominator"].iloc[0]),
        start=date.fromisoformat(first["as_of"].iloc[0]),
        start_count=int(first["value"].iloc[0]),
        end=date.fromisoformat(goal["as_of"].iloc[0]),
        target=int(goal["value"].iloc[0]),
        source=str(goal["source"].iloc[0]),
    )


def statement(edition: Edition, month: date) -> list[str]:
    """The answer to the question whether the prefecture is on its way, in sentences."""
    stand = way(edition, month)
    if stand is None:
        return ["目標と比べるための公表値がこの版にありません。"]
    return [
        f"{stand.areas}{UNIT}のうち {stand.count}{UNIT}({stand.count / stand.areas:.1%})に、{WHAT}があります。",
        f"目標は{labels.wareki_date(stand.end)}に{stand.target}{UNIT}。{_left(stand)}。{_against_path(stand)}。",
    ]


@lru_cache(maxsize=64)
def opening(edition: Edition, month: date) -> str:
    """The page's first lines."""
    return markup.lead(statement(edition, month))


def _left(stand: Way) -> str:
    return f"あと{stand.left}{UNIT}" if stand.left else "目標に達しています"


def _against_path(stand: Way) -> str:
    difference = stand.count - stand.expected
    if abs(difference) < 0.05:
        return f"等間隔の道筋({stand.expected:.1f})のとおりです"
    return f"等間隔の道筋({stand.expected:.1f})を {abs(difference):.1f} {'上' if difference > 0 else '下'}回っています"


def left_card(stand: Way) -> Card:
    """How many are left, until when."""
    ahead = stand.count - stand.expected
    return Card(
        "目標まで",
        f"あと {stand.left}",
        UNIT,
        changes=(
            ("目標", f"{stand.target}{UNIT}"),
            ("期日", labels.wareki_date(stand.end)),
        ),
        notes=(f"等間隔の道筋 {stand.expected:.1f} との差 {ahead:+.1f}".replace("-", "−"),),
    )


@lru_cache(maxsize=64)
def path_figure(edition: Edition, month: date) -> Figure | Nothing:
    """The target path up to `month`, and from the data month on where it leads."""
    stand = way(edition, month)
    if stand is None:
        return Nothing(NAME, "目標と比べるための公表値がこの版にありません。")
    shown = _shown(edition, month)
    days = [pd.Timestamp(stand.start), *(shown["period"] + pd.offsets.MonthEnd(0))]
    counts = [stand.start_count, *shown["numerator"].astype(int)]
    actual = pd.DataFrame({"day": days, "count": counts}).drop_duplicates("day")
    actual["label"] = ""
    actual.loc[actual.index[-1], "label"] = f"{stand.count}({_left(stand)})"
    projection = _projection(edition, stand)
    chart = target_path(actual, even_path(stand.start, stand.start_count, stand.end, stand.target), projection)
    alt = (
        f"{WHAT}のある市町村の数の推移。{labels.wareki_date(stand.start)}の{stand.start_count}から"
        f"{labels.wareki_month(month)}末の{stand.count}まで。目標は{labels.wareki_date(stand.end)}の{stand.target}、{_left(stand)}。"
        f"{_projected(projection)}"
    )
    sources = (
        f"単位: {UNIT}。実線は届出による実績({labels.wareki_month(month)}末まで)、破線は等間隔の道筋。縦軸は0から始まりません。",
        *_method(edition, projection),
        f"{labels.wareki_date(stand.start)}の値と目標の出典: {stand.source}",
    )
    return Figure("target_path", NAME, chart, alt, sources, path_table(edition, month))


def _projection(edition: Edition, stand: Way) -> pd.DataFrame:
    """day, count, lower, upper (80 %), only where the month shown is the one it starts from."""
    frame = data.window_projection(edition)
    if frame.empty or stand.month != edition.data_month:
        return pd.DataFrame(columns=["day", "count", "lower", "upper"])
    ends, last = frame["period"] + pd.offsets.MonthEnd(0), pd.Timestamp(stand.end)
    return pd.DataFrame(
        {
            "day": ends.where(ends <= last, last),
            "count": frame["municipalities"],
            "lower": frame["lower_80"],
            "upper": frame["upper_80"],
        }
    ).drop_duplicates("day", keep="first")


def _projected(projection: pd.DataFrame) -> str:
    if projection.empty:
        return ""
    end = projection.iloc[-1]
    return f"これまでの進み方が続いた場合の見通しは{end['count']:.1f}(80%区間 {end['lower']:.0f}〜{end['upper']:.0f})。"


def _method(edition: Edition, projection: pd.DataFrame) -> tuple[str, ...]:
    if projection.empty:
        return ()
    method = str(data.window_projection(edition)["method"].iloc[0])
    return (f"点線と帯は見通しと80%区間({METHODS.get(method, method)})。約束や予測の保証ではありません。",)


@lru_cache(maxsize=64)
def path_table(edition: Edition, month: date) -> Table:
    """The target path in figures: the even path, and what was at each of its dates. Only where `way` is known."""
    stand = way(edition, month)
    rows: dict[date, list[tables.Cell | str]] = {}
    if stand is not None:
        counts = {stand.start: stand.start_count}
        for row in rows_of(_shown(edition, month)):
            # The end of March is the eve of the dates of the path.
            counts[(row.period + pd.offsets.MonthBegin(1)).date()] = int(row.numerator)
        path = even_path(stand.start, stand.start_count, stand.end, stand.target)
        for stamp, even in rows_of(path):
            on = stamp.date()
            actual = tables.count(counts[on]) if on in counts else tables.Cell("これから")
            rows[on] = [tables.day(on), tables.Cell(f"{even:g}", float(even)), actual]
        today = labels.month_end(month)
        words = tables.Cell(f"{labels.wareki_month(month)}末", f"{today:%Y-%m-%d}")
        rows[today] = [words, tables.decimal(stand.expected), tables.count(stand.count)]
    ordered = [rows[on] for on in sorted(rows)]
    heads = ["時点", numbers("道筋", UNIT), numbers("実績(前日まで)", UNIT)]
    return tables.table("target_path", "道筋と実績", heads, ordered)


def _shown(edition: Edition, month: date) -> pd.DataFrame:
    """The prefecture's window_rate from the start up to `month`, where it is known."""
    history = data.kpi_history(edition, data.SETUP_KPI, "prefecture")
    return history[(history["period"] <= pd.Timestamp(month)) & history["numerator"].notna()]
