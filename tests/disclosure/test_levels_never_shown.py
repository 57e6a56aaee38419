"""Sums over levels that an audience is never shown, of which the witnesses tell nothing: what follows from them all the same.

The attacker who keeps every sum finds what enumeration finds, and both find nothing in what is published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from pipelines.disclosure.audit import READER, audit
from pipelines.disclosure.every_sum import EverySum
from pipelines.disclosure.protect import claim, count, protect
from pipelines.disclosure.reader import look
from pipelines.disclosure.sums import Matrix
from pipelines.disclosure.thresholds import Level
from pipelines.disclosure.verify import verify
from tests.disclosure.enumeration import TooManyTables, name_of, names, possible
from tests.disclosure.worlds import TOWNS, Atom, Row, World, areas_of, read_by, rules

Name = tuple[str, str, int, int]
Kind = Callable[[np.random.Generator], World]
Rows = dict[Row, tuple[list[Atom], list[Atom] | None]]
MONTHS = (1, 2, 3)


def drawn(random: np.random.Generator, names: list[Atom], nobody: float, mean: float = 3) -> dict[Atom, int]:
    """Small numbers, many of them 0: printed zeros tell most."""
    return {name: 0 if random.random() < nobody else min(int(random.poisson(mean)), 6) for name in names}


def towns_by_month(random: np.random.Generator) -> World:
    """Two towns × three months: a town is shown by quarter, its region by month."""
    towns = list(TOWNS)[:2]
    rows: Rows = {}
    for area, inside in areas_of(towns).items():
        for month in MONTHS:
            rows["kpi_monthly", "new_consultations", month, None, area] = ([(t, month, "all") for t in inside], None)
        quarter = [(t, month, "all") for t in inside for month in MONTHS]
        rows["kpi_period", "new_consultations", 1, None, area] = (quarter, None)
    return World(drawn(random, [(t, month, "all") for t in towns for month in MONTHS], 0.2), rows)


def complex_by_quarter(random: np.random.Generator) -> World:
    """Two towns × three months × complex or not: of a town's month only the whole is shown."""
    towns, kinds = list(TOWNS)[:2], ("complex", "plain")
    rows: Rows = {}
    for area, inside in areas_of(towns).items():
        for table, first, span in [*(("kpi_monthly", month, (month,)) for month in MONTHS), ("kpi_period", 1, MONTHS)]:
            every = [(t, month, kind) for t in inside for month in span for kind in kinds]
            rows[table, "new_consultations", first, None, area] = (every, None)
            rows[table, "complex_share", first, None, area] = ([atom for atom in every if atom[2] == "complex"], every)
    return World(drawn(random, [(t, month, kind) for t in towns for month in MONTHS for kind in kinds], 0.4), rows)


def by_member(kpi: str, area: str, inside: list[str], members: tuple[str, ...], months: tuple[int, ...]) -> Rows:
    """The months of an area, whole and member by member."""
    rows: Rows = {}
    for month in months:
        rows["kpi_monthly", kpi, month, None, area] = ([(t, month, m) for t in inside for m in members], None)
        for member in members:
            rows["kpi_monthly_by", kpi, month, member, area] = ([(t, month, member) for t in inside], None)
    return rows


def reasons_of_the_prefecture(random: np.random.Generator) -> World:
    """Three towns in two regions × two months × two reasons: reasons are shown for the prefecture, regions by month."""
    towns, reasons, months = ["112011", "112020", "112046"], ("income", "age"), MONTHS[:2]
    rows: Rows = {}
    for area, inside in areas_of(towns).items():
        rows |= by_member("gap_needs", area, inside, reasons, months)
        every = [(t, month, r) for t in inside for month in months for r in reasons]
        rows["kpi_period", "gap_needs", 1, None, area] = (every, None)
    return World(drawn(random, [(t, month, r) for t in towns for month in months for r in reasons], 0.5, mean=2), rows)


def agencies_by_year(random: np.random.Generator) -> World:
    """Two towns × two months × two agencies: each two of the three are shown, of a town's month by agency nothing."""
    towns, agencies, months = list(TOWNS)[:2], ("A", "B"), MONTHS[:2]
    rows: Rows = {}
    for area, inside in areas_of(towns).items():
        rows |= by_member("new_cases", area, inside, agencies, months)
        for agency in agencies:
            rows["referral_source", "new_cases", 1, agency, area] = (
                [(t, m, agency) for t in inside for m in months],
                None,
            )
    return World(drawn(random, [(t, month, a) for t in towns for month in months for a in agencies], 0.2), rows)


def stock_of_cases(random: np.random.Generator) -> World:
    """Two towns × what became of the first month's cases, and of the second's new ones, in the second: cases sent back are shown
    for the prefecture only.
    """
    towns = list(TOWNS)[:2]
    old, new = ("kept", "closed", "returned"), ("new", "new closed", "new returned")
    kpis = {
        "active_cases": ("kept", "new"),
        "new_cases": new,
        "closures": ("closed", "new closed"),
        "returned_cases": ("returned", "new returned"),
    }
    rows: Rows = {}
    for area, inside in areas_of(towns).items():
        rows["kpi_monthly", "active_cases", 1, None, area] = ([(t, 1, fate) for t in inside for fate in old], None)
        for kpi, told in kpis.items():
            rows["kpi_monthly", kpi, 2, None, area] = ([(t, 1, fate) for t in inside for fate in told], None)
    return World(drawn(random, [(t, 1, fate) for t in towns for fate in (*old, *new)], 0.5, mean=2), rows)


def stock_by_quarter(random: np.random.Generator) -> World:
    """Two towns × the old cases, those of two months and when they were closed: what came in and went out is shown of a town for
    both months together, of the prefecture by month.
    """
    towns = list(TOWNS)[:2]
    fates = [(0, 1), (0, 2), (0, 9), (1, 1), (1, 2), (1, 9), (2, 2), (2, 9)]
    came = {f"{first} to {last}": (first, last) for first, last in fates}
    rows: Rows = {}
    for area, inside in areas_of(towns).items():
        for month in (0, 1, 2):
            left = [fate for fate, (first, last) in came.items() if first <= month < last]
            rows["kpi_monthly", "active_cases", month, None, area] = (
                [(t, 1, fate) for t in inside for fate in left],
                None,
            )
        for kpi, which in (("new_cases", 0), ("closures", 1)):
            moved = {m: [(t, 1, f) for t in inside for f, when in came.items() if when[which] == m] for m in (1, 2)}
            for month, atoms in moved.items():
                rows["kpi_monthly", kpi, month, None, area] = (atoms, None)
            rows["kpi_period", kpi, 1, None, area] = ([*moved[1], *moved[2]], None)
        for month in (1, 2):
            rows["kpi_monthly", "returned_cases", month, None, area] = ([], None)
    return World(drawn(random, [(t, 1, fate) for t in towns for fate in came], 0.3, mean=2), rows)


def by_month(table: str, counts: str, area_level: str) -> Level:
    """What is never shown by month."""
    return Level("public", table, counts, area_level, "month")


LEVELS: Mapping[Kind, list[Level]] = {
    towns_by_month: [by_month("kpi_monthly", "", "municipality")],
    complex_by_quarter: [by_month("kpi_monthly", "consultation.complex", "municipality")],
    reasons_of_the_prefecture: [
        by_month("kpi_monthly", "", "municipality"),
        by_month("kpi_monthly_by", "", "municipality"),
        by_month("kpi_monthly_by", "", "region"),
    ],
    agencies_by_year: [by_month("kpi_monthly_by", "", "municipality")],
    stock_by_quarter: [
        by_month("kpi_monthly", counts, level)
        for counts in ("case.accepted", "case.closed")
        for level in ("municipality", "region")
    ],
    stock_of_cases: [by_month("kpi_monthly", "case.returned", level) for level in ("municipality", "region")],
}


KINDS: Mapping[Kind, int] = {
    towns_by_month: 6,
    complex_by_quarter: 6,
    reasons_of_the_prefecture: 6,
    agencies_by_year: 6,
    stock_of_cases: 12,
    stock_by_quarter: 12,
}
"""How many worlds of each are tried in every test run: where cases come and go, few have anything to attack."""


@dataclass(frozen=True)
class Followed:
    """Counts that cannot be what they need to be able to be, for the attacker with all sums and by enumeration; and how many
    were attacked. Each with the town (its code) that needs its own numbers for it, or READER.
    """

    attacker: set[tuple[Name, int]]
    enumeration: set[tuple[Name, int]]
    attacked: int


def attack(world: World, levels: list[Level], *, insiders: bool) -> Followed:
    """Protect a world as ever, then attack it with the sums over what is never shown."""
    told_rules = rules(levels=levels)
    frames = world.frames()
    system = count(frames, told_rules)
    done = protect(system, frames, told_rules, "public")
    assert not done.withheld
    told = claim(system, done.frames, told_rules, "public", earlier=[], witnesses=done.witnesses)
    view = look(system, done.frames, told.never_shown, told.told, whole=True)
    bound, _ = system.tells_of(np.isin(np.arange(len(system.value)), system.shown["count"][~told.never_shown]))
    watched = (system.value > 0) & (system.value < told.needed) & ~view.readable & bound
    _, findings = audit(view, told.needed, watched, insiders=insiders)
    found = {(names(system, one.count), one.insider) for one in findings if one.upward}

    number = {names(system, one): one for one in np.flatnonzero(watched).tolist()}
    of_table = {table: [row for row in world.rows if row[0] == table] for table in frames}
    lines = system.shown[told.never_shown]
    closed = {of_table[table][line] for table, line in zip(lines["table"], lines["row"], strict=True)}
    followed = set()
    for town in (None, *(TOWNS if insiders else ())):
        who = READER if town is None else system.areas.index(town)
        for key, (_, most) in possible(world, read_by(world, done.frames), town, never_shown=closed).items():
            one = number.get(name_of(world, key))
            if one is not None and system.owner[one] != who and most < told.needed[one]:
                followed.add((names(system, one), who))
    return Followed(found, followed, len(number))


def attacks(kind: Kind, seeds: range, *, insiders: bool) -> list[Followed]:
    """Attack many worlds; those with more tables than can be tried are passed over, and most have fewer."""
    done: list[Followed] = []
    for seed in seeds:
        with suppress(TooManyTables):
            done.append(attack(kind(np.random.default_rng(seed)), LEVELS[kind], insiders=insiders))
    assert all(one.attacker == one.enumeration for one in done) and len(done) > len(seeds) // 2
    return done


def check_reader(kind: Kind, seeds: range, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Attack worlds protected against readers only; returns how many counts follow, and how many were attacked."""
    monkeypatch.setattr("pipelines.disclosure.protect.READ_BY_MUNICIPALITIES", frozenset())
    done = attacks(kind, seeds, insiders=False)
    return sum(len(one.attacker) for one in done), sum(one.attacked for one in done)


@pytest.mark.parametrize(("kind", "seeds"), KINDS.items())
def test_what_is_never_shown_tells_a_reader_nothing(kind: Kind, seeds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    follow, attacked = check_reader(kind, range(seeds), monkeypatch)
    assert follow == 0 and attacked > 4


def test_without_the_attacker_who_uses_every_sum_something_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of areas, months and quarters are told of the stock, two of areas, months and agencies of new cases, never all."""
    monkeypatch.setattr(EverySum, "narrowed", lambda *_, **__: [])
    assert check_reader(stock_by_quarter, range(12), monkeypatch)[0] > 4
    assert check_reader(agencies_by_year, range(6), monkeypatch)[0] > 0


def test_what_subtraction_tells_over_levels_never_shown_is_hidden_or_not_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where nobody came, nobody complex came, though a town's month does not say so.

    One town has consultations in the third month only: its quarter is the region's third month, and the first is what is left.
    """
    monkeypatch.setattr("pipelines.disclosure.protect.READ_BY_MUNICIPALITIES", frozenset())
    drawn_world, levels = complex_by_quarter(np.random.default_rng(0)), LEVELS[complex_by_quarter]
    one, other = list(TOWNS)[:2]
    came = {(one, 1): (2, 5), (one, 2): (6, 5), (other, 3): (4, 5)}
    world = World({a: came.get(a[:2], (0, 0))[a[2] == "plain"] for a in drawn_world.atoms}, drawn_world.rows)
    done = attack(world, levels, insiders=False)
    assert done.attacker == done.enumeration == set() and done.attacked == 2

    told_rules, frames = rules(levels=levels), world.frames()
    system = count(frames, told_rules)
    monkeypatch.setattr("pipelines.disclosure.protect.worked_out", lambda *_: np.array([], dtype="int64"))
    monkeypatch.setattr(EverySum, "narrowed", lambda *_, **__: [])
    careless = protect(system, frames, told_rules, "public")
    told = claim(system, careless.frames, told_rules, "public", earlier=[], witnesses=careless.witnesses)
    assert [breach.what for breach in verify(told)] == ["follows"]


def test_a_town_learns_nothing_from_its_own_months(monkeypatch: pytest.MonkeyPatch) -> None:
    """An area's month counts at least what the town counts in it, and the town knows that; forgotten, it tells something."""

    def followed() -> list[int]:
        done = [attack(towns_by_month(np.random.default_rng(seed)), levels, insiders=True) for seed in seeds]
        assert all(one.attacker == one.enumeration for one in done) and sum(one.attacked for one in done) > 20
        return [seed for seed, one in zip(seeds, done, strict=True) if one.attacker]

    seeds, levels = range(18, 24), LEVELS[towns_by_month]
    assert followed() == []
    forget_own_months(monkeypatch)
    assert followed() == [22]


def test_what_forgets_a_towns_own_months_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Witnesses in which an area counts fewer than the town does itself prove nothing to the town."""
    told_rules = rules(levels=LEVELS[towns_by_month])
    frames = towns_by_month(np.random.default_rng(22)).frames()
    with monkeypatch.context() as forgetful:
        forget_own_months(forgetful)
        system = count(frames, told_rules)
        done = protect(system, frames, told_rules, "public")
        assert verify(claim(system, done.frames, told_rules, "public", earlier=[], witnesses=done.witnesses)) == []
    told = claim(count(frames, told_rules), done.frames, told_rules, "public", earlier=[], witnesses=done.witnesses)
    assert {breach.what for breach in verify(told)} == {"too_low_for_one", "pinned_for_one"}


def forget_own_months(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no municipality knew of its own what nobody is shown."""

    def nothing(counts: pd.DataFrame, _: pd.DataFrame, parent: np.ndarray) -> Matrix:
        return sparse.csr_matrix((len(parent), len(counts)))

    monkeypatch.setattr("pipelines.disclosure.sums.own_numbers", nothing)


@pytest.mark.soak
def test_many_worlds_and_every_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(one.enumeration for one in attacks(towns_by_month, range(1000, 1060), insiders=True))
    for kind in KINDS:
        assert check_reader(kind, range(1000, 1060), monkeypatch)[0] == 0
