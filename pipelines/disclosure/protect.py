"""One release for one audience: hide, let the attacker try, hide better what he broke, until he finds nothing.

Puts together what the other modules of this room do. Frames in, frames out; files and the manifest belong to `publish.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from pipelines.disclosure.audit import Finding, Witnesses, audit
from pipelines.disclosure.counts import Counted, month_number, numbers_of
from pipelines.disclosure.every_sum import EverySum
from pipelines.disclosure.memory import Memory, remember, snapshot
from pipelines.disclosure.reader import View, look, worked_out
from pipelines.disclosure.sums import Matrix, System, build_system
from pipelines.disclosure.suppress import REACHES, Pattern, Repair, suppress
from pipelines.disclosure.thresholds import (
    READ_BY_MUNICIPALITIES,
    Level,
    Threshold,
    area_level,
    kept_back,
    needed,
    not_shown,
    periods,
    threshold_by_area,
)
from pipelines.disclosure.verify import Claim

MARK = "x"
COSTS = ("cells", "not_shown", "withheld", "small", "others", "whole_lines", "counted", "counted_hidden")
PATIENCE = len(REACHES) + 1
"""So many rounds in which nothing more is hidden, and what is still unsafe is withheld."""


class NotSafe(RuntimeError):
    """Something could still be worked out; nothing may be published. The message names no value."""


@dataclass(frozen=True)
class Rules:
    """What decides beside the numbers: the tables under data/reference and the areas.

    `persons`: KPIs that count persons; those of them that `counted` does not describe are hidden whole.
    """

    counted: Mapping[str, Counted]
    levels: Sequence[Level]
    thresholds: Sequence[Threshold]
    population: Mapping[str, int]
    parents: Mapping[str, str]
    persons: frozenset[str]


@dataclass(frozen=True)
class Stand:
    """Where the protection of a release starts: its counts with those of earlier releases, thresholds, levels, counts hidden
    whatever they are, and whether a municipality that knows its own numbers is among the readers.
    """

    memory: Memory
    needed: np.ndarray
    never_shown: np.ndarray
    kept_back: np.ndarray
    insiders: bool


@dataclass(frozen=True)
class Protected:
    """What an audience may see, the proof, what to remember, and what it cost (see `_report`).

    `withheld`: subjects (first segments of paths) of which nothing is shown at all, because nothing less was safe.
    """

    frames: dict[str, pd.DataFrame]
    witnesses: pd.DataFrame
    snapshot: pd.DataFrame
    report: pd.DataFrame
    withheld: frozenset[str]


def count(frames: Mapping[str, pd.DataFrame], rules: Rules) -> System:
    """The counts of a release, the same for every audience. `frames`: the whole tables of ROW_KEYS."""
    return build_system(frames, counted=rules.counted, parents=rules.parents)


def stand(system: System, rules: Rules, audience: str, earlier: Sequence[pd.DataFrame]) -> Stand:
    """What is known of a release before anything is hidden."""
    below = threshold_by_area(audience, rules.thresholds, rules.population)
    insiders = audience in READ_BY_MUNICIPALITIES
    memory = remember(system, earlier)
    return Stand(
        memory=memory,
        needed=needed(memory.system, below, insiders=insiders),
        never_shown=not_shown(system, audience, rules.levels),
        kept_back=kept_back(memory.system, below),
        insiders=insiders,
    )


def protect(
    system: System,
    frames: Mapping[str, pd.DataFrame],
    rules: Rules,
    audience: str,
    *,
    earlier: Sequence[pd.DataFrame] = (),
    witnesses: pd.DataFrame | None = None,
    withheld: frozenset[str] = frozenset(),
) -> Protected:
    """The tables as an audience may see them, proven against the attacker.

    `earlier`: snapshots of earlier releases to this audience; `witnesses`: those of the last one, used where they still hold.
    What cannot be made safe is withheld: every count of its subject is hidden. No sum joins two subjects, and a release that
    shows nothing of one tells no more than the releases before it.
    """
    start = stand(system, rules, audience, earlier)
    memory = start.memory
    lost = np.isin(memory.system.subject, list(withheld))
    pattern = _first_choice(start, lost)
    siege = _Siege(start, pattern, Witnesses(_by_count(witnesses, memory.system)))
    while siege.idle <= PATIENCE:
        hidden = hide(frames, pattern, rules)
        view = look(memory.system, hidden, pattern.closed, memory.told)
        siege.attack(view)
        if not len(siege.unsafe):
            return Protected(
                frames=hidden,
                witnesses=_by_key(siege.found.moves, memory.system),
                snapshot=_kept(system, start, pattern, view.readable),
                report=_report(frames, pattern, lost),
                withheld=withheld,
            )
    helpless = withheld.union(memory.system.subject[siege.unsafe].tolist())
    return protect(system, frames, rules, audience, earlier=earlier, witnesses=witnesses, withheld=helpless)


class _Siege:
    """Everybody who tries to work out what is hidden, one after the other, and what is hidden better against him.

    `found`: the tables that prove counts safe; `unsafe`: the counts that are not; `idle`: so many times in a row nothing more
    could be hidden for them.
    """

    def __init__(self, start: Stand, pattern: Pattern, found: Witnesses) -> None:
        self.found, self.idle, self.unsafe = found, 0, np.array([], dtype="int64")
        self._start, self._pattern = start, pattern
        self._every_sum = EverySum(start.memory.system.families, start.needed, pattern.sensitive)
        self._repair = Repair(pattern, pattern.sums)
        self._repairs: dict[int, Repair] = {}
        # While there is more to hide nobody need try hard; when there is not, they do.
        self._quick = self._hasty = True

    def attack(self, view: View) -> None:
        """Find counts that are not safe; against the first who finds any, more is hidden if more helps."""
        for attacker in (self._by_tables, self._by_subtraction, self._by_every_sum):
            self.unsafe, more = attacker(view)
            if len(self.unsafe):
                self._quick = more
                self.idle = 0 if more else self.idle + 1
                return

    def _by_tables(self, view: View) -> tuple[np.ndarray, bool]:
        needed, insiders = self._start.needed, self._start.insiders
        self.found, findings = audit(
            view, needed, self._pattern.sensitive, known=self.found, quick=self._quick, insiders=insiders
        )
        aims = _aims(findings)
        return aims[0], self._repair.widen(*aims, sure=not self._quick)

    def _by_subtraction(self, view: View) -> tuple[np.ndarray, bool]:
        follow = worked_out(view, self._start.needed)
        follow = follow[self._pattern.spoken_of[follow]]
        return follow, self._repair.loosen(follow)

    def _by_every_sum(self, view: View) -> tuple[np.ndarray, bool]:
        aims = _aims(self._every_sum.narrowed(view, quick=self._hasty))
        if not len(aims[0]):
            return aims[0], False
        repair = self._repair_family(self._every_sum.at)
        self._hasty = any(repair.widen(*aims, sure=not self._hasty) for _ in REACHES)
        return aims[0], self._hasty

    def _repair_family(self, number: int) -> Repair:
        system, pattern = self._start.memory.system, self._pattern
        if number not in self._repairs:
            self._repairs[number] = Repair(pattern, system.sums[pattern.binding | system.families[number]])
        return self._repairs[number]


def _aims(findings: Sequence[Finding]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The counts found, whether the upper side of each fails, and to whom."""
    told = np.array([(one.count, one.upward, one.insider) for one in findings], dtype="int64").reshape(-1, 3)
    return told[:, 0], told[:, 1] > 0, told[:, 2]


def _kept(system: System, start: Stand, pattern: Pattern, readable: np.ndarray) -> pd.DataFrame:
    """What the next release has to know of this one."""
    now = np.arange(len(pattern.bound)) < len(system.value)
    return snapshot(start.memory.system, pattern.bound & now, readable, insiders=start.insiders)


def _first_choice(start: Stand, lost: np.ndarray) -> Pattern:
    """What is hidden before anybody attacks. `lost`: counts of which nothing is shown, because nothing less was safe."""
    memory = start.memory
    pattern = Pattern(
        memory.system,
        needed=start.needed,
        closed=start.never_shown | lost[memory.system.shown["count"].to_numpy()],
        frozen=memory.frozen | start.kept_back & ~memory.told,
        told=memory.told,
    )
    suppress(pattern)
    return pattern


def claim(
    system: System,
    published: Mapping[str, pd.DataFrame],
    rules: Rules,
    audience: str,
    *,
    earlier: Sequence[pd.DataFrame],
    witnesses: pd.DataFrame,
) -> Claim:
    """What a release to be published says of itself, for the verifier."""
    start = stand(system, rules, audience, earlier)
    return Claim(
        system=start.memory.system,
        frames=published,
        never_shown=start.never_shown,
        told=start.memory.told,
        needed=start.needed,
        insiders=start.insiders,
        witnesses=_by_count(witnesses, start.memory.system),
    )


def hide(frames: Mapping[str, pd.DataFrame], pattern: Pattern, rules: Rules) -> dict[str, pd.DataFrame]:
    """Copies of the frames with the hidden rows' numbers away and their mark set."""
    lines = pattern.system.shown
    hidden_frames = {}
    for table, frame in frames.items():
        here = (lines["table"] == table).to_numpy()
        hidden = np.zeros(len(frame), dtype=bool)
        hidden[lines["row"].to_numpy()[here]] = pattern.row_hidden[pattern.system.rows[here]]
        if "kpi_id" in frame:
            undescribed = frame["kpi_id"].isin(rules.persons - rules.counted.keys())
            hidden |= undescribed.to_numpy() & frame["numerator"].notna().to_numpy()
        copy = frame.copy()
        copy.loc[hidden, "mark"] = MARK
        copy.loc[hidden, numbers_of(table)] = None
        hidden_frames[table] = copy
    return hidden_frames


def _report(frames: Mapping[str, pd.DataFrame], pattern: Pattern, lost: np.ndarray) -> pd.DataFrame:
    """What was hidden, by table, KPI and area level.

    `cells`: rows with a number; `not_shown`: of levels never shown, or `withheld`; `small`: rows that a count below the
    threshold hides; `others`: rows hidden to protect those; `whole_lines`: rows that would be hidden if a printed line with a
    small count went as a whole; `counted` and `counted_hidden`: the sum of the rows' counts, and of the hidden.
    """
    system = pattern.system
    lines, rows = system.shown, system.rows
    row_count = int(rows.max(initial=-1)) + 1
    first = lines[["table", "row"]].assign(number=rows).drop_duplicates("number").set_index("number").sort_index()
    small, gone = (np.bincount(rows, weights=w[lines["count"]], minlength=row_count) > 0 for w in (pattern.small, lost))
    closed = np.zeros(row_count, dtype=bool)
    closed[rows] = pattern.closed
    value = np.zeros(row_count, dtype="int64")
    value[rows[::-1]] = system.value[lines["count"].to_numpy()[::-1]]
    told = first.assign(
        counted=value, hidden=pattern.row_hidden, not_shown=closed, withheld=gone, small=small & ~closed
    )
    every = pd.concat([_named_rows(frames[str(table)], one) for table, one in told.groupby("table")])
    every["others"] = every["hidden"] & ~every["small"] & ~every["not_shown"]
    every["whole_lines"] = every.groupby("line")["small"].transform("any") & ~every["not_shown"]
    every["counted_hidden"] = every["counted"].where(every["hidden"], 0)
    summed = every.assign(cells=1).groupby(["table", "kpi_id", "area_level"])[list(COSTS)].sum()
    return summed.reset_index()


def _named_rows(frame: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Rows of one table with KPI, area level and the number of the line they are printed on: an area with all its members,
    or with all its months of a fiscal year.
    """
    rows = frame.loc[told["row"]]
    kpi = rows["kpi_id"].to_numpy() if "kpi_id" in rows else np.full(len(rows), "")
    line = pd.DataFrame({"kpi": kpi, "area": rows["area_code"].to_numpy()})
    if "period" in rows:
        when = month_number(rows["period"]).to_numpy()
        line["when"] = when if "dimension" in rows else (when - 3) // 12
        line["dimension"] = rows["dimension"].to_numpy() if "dimension" in rows else ""
    else:
        line["when"] = rows["fiscal_year"].to_numpy()
    number = told["table"].astype(str) + "/" + line.groupby(list(line.columns)).ngroup().astype(str).to_numpy()
    return told.assign(
        table=told["table"].astype(str), kpi_id=kpi, area_level=rows["area_level"].to_numpy(), line=number
    )


def _by_key(moves: Matrix, system: System) -> pd.DataFrame:
    """Witnesses as they are kept: one line per changed count, `count` its place in this release's system."""
    entries = moves.tocoo()
    keys = system.counts.iloc[entries.col]
    return pd.DataFrame(
        {
            "witness": entries.row,
            "count": entries.col,
            "counts": pd.Categorical.from_codes(keys["path"], dtype=pd.CategoricalDtype(system.paths)),
            "area": pd.Categorical.from_codes(keys["area"], dtype=pd.CategoricalDtype(system.areas)),
            "first": keys["first"].to_numpy(),
            "last": keys["last"].to_numpy(),
            "move": entries.data,
        }
    )


def _by_count(witnesses: pd.DataFrame | None, system: System) -> Matrix:
    """Kept witnesses over the counts of a system: by place where it is the same count, else by name."""
    size = len(system.value)
    if witnesses is None or witnesses.empty:
        return sparse.csr_matrix((0, size), dtype="int64")
    paths = {path: code for code, path in enumerate(system.paths)}
    areas = {area: code for code, area in enumerate(system.areas)}
    wanted = pd.DataFrame(
        {
            "path": witnesses["counts"].map(paths).astype("float"),
            "area": witnesses["area"].map(areas).astype("float"),
            "first": witnesses["first"],
            "last": witnesses["last"],
        }
    )
    listed = system.counts.assign(place=np.arange(size))
    place = witnesses["count"].to_numpy()
    within = place < size
    same = np.zeros(len(place), dtype=bool)
    for column in ("path", "area", "first", "last"):
        here = listed[column].to_numpy()[np.where(within, place, 0)] == wanted[column].to_numpy()
        same = here if column == "path" else same & here
    named = wanted.merge(listed.drop_duplicates(["path", "area", "first", "last"]), how="left")["place"].to_numpy()
    column = np.where(same & within, place, named)
    lost = np.isin(witnesses["witness"], witnesses["witness"][np.isnan(column)])
    rows, count = witnesses["witness"].to_numpy()[~lost], column[~lost].astype("int64")
    shape = (int(witnesses["witness"].max()) + 1, size)
    moves = sparse.csr_matrix((witnesses["move"].to_numpy()[~lost], (rows, count)), shape=shape)
    return moves[np.flatnonzero(np.diff(moves.indptr) > 0)]


def describe(system: System, counts: np.ndarray) -> list[str]:
    """Names of counts for people: what, where and when; never how many."""
    span = periods(system)
    told = system.counts.iloc[counts]
    return [
        f"{system.paths[path]} {system.areas[area]}({area_level(system.areas[area], system)})"
        f" {first // 12}-{first % 12 + 1:02d} {kind}"
        for path, area, first, kind in zip(told["path"], told["area"], told["first"], span[counts], strict=True)
    ]
