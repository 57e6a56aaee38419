"""Which municipalities there are, and how each is arranged over the years. Which one is which is invented.

What people do there (`flow`) and how it is reported (`sending`) do not belong here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from random import Random

from pipelines.simulate.model import (
    REFERENCE_DIR,
    Month,
    Municipality,
    WorldSpec,
    first_day,
    fiscal_year,
    fiscal_year_start,
    month_of,
)
from pipelines.simulate.rows import SetupRow

REAL_MUNICIPALITIES = 63
# Of 63: who has a window or team on 1 April of the first fiscal year (the published figure), and three years on.
_WINDOWS_AT_START, _WINDOWS_AT_END = 51, 57
_IMPLEMENTING = {2022: 6, 2023: 8, 2024: 11, 2025: 15}
_IMPLEMENTING_MORE_EACH_YEAR = 3
_TRANSITION_PREP = {2022: 3, 2023: 5, 2024: 6}
_OTHER_STATUSES = {"none": 55, "own_scheme": 30, "function_consolidation": 15}
_PROGRAMME = frozenset({"implementing", "transition_prep"})


@dataclass(frozen=True)
class Place:
    """A municipality and its arrangements. `statuses`: since when which implementation status, oldest first."""

    municipality: Municipality
    statuses: tuple[tuple[date, str], ...]
    window_since: date | None
    team_since: date | None
    operator: str
    sends_from: Month | None
    """First month it sends consultations, None if it never does before it joins the programme."""
    sends_meetings: bool
    """Whether it reports meetings although nobody expects it to."""
    consultations_per_100k: float
    carelessness: float
    """1 is usual; how much oftener than others it forgets, delays and mistypes."""

    def status(self, day: date) -> str:
        """The implementation status on a day."""
        return next(status for since, status in reversed(self.statuses) if since <= day)

    def in_programme(self, month: Month) -> bool:
        """Whether it implements or prepares in a month: it then takes cases and sends every form."""
        return self.status(first_day(month)) in _PROGRAMME

    def has_window(self, day: date) -> bool:
        """Whether there is a window or a team on a day."""
        return any(since is not None and since <= day for since in (self.window_since, self.team_since))

    def setup_row(self, as_of: date) -> SetupRow:
        """What it states as of a date."""
        status = self.status(as_of)
        window = self.window_since if self.window_since and self.window_since <= as_of else None
        team = self.team_since if self.team_since and self.team_since <= as_of else None
        start = next((since for since, later in self.statuses if later == "implementing"), None)
        return SetupRow(
            as_of=as_of,
            implementation_status=status,
            one_stop_window=window is not None,
            window_since=window,
            coordination_team=team is not None,
            team_since=team,
            operator=self.operator if status in _PROGRAMME else "none",
            planned_start_fy=fiscal_year(month_of(start)) if start and start > as_of else None,
            plan_published=status == "implementing",
        )

    def changes(self, first: date, last: date) -> list[date]:
        """The days from first to last on which its statement changes, both ends included."""
        since = [day for day, _ in self.statuses] + [day for day in (self.window_since, self.team_since) if day]
        return sorted({day for day in since if first <= day <= last})


def draw_municipalities(spec: WorldSpec, rng: Random) -> tuple[Municipality, ...]:
    """The municipalities of a world, by code. All 63 real ones, a varied choice of them, or invented ones."""
    if spec.municipalities > REAL_MUNICIPALITIES:
        return tuple(_invented(number, spec.municipalities, rng) for number in range(1, spec.municipalities + 1))
    with (REFERENCE_DIR / "municipalities.csv").open(encoding="utf-8-sig", newline="") as stream:
        real = [Municipality(row) for row in csv.DictReader(stream)]
    chosen = real if spec.municipalities == len(real) else _varied(real, spec.municipalities, rng)
    return tuple(sorted(chosen, key=lambda municipality: municipality.code))


def _varied(real: list[Municipality], count: int, rng: Random) -> list[Municipality]:
    """The designated city (a region of its own), then cities and towns in about the proportion there is."""
    largest = max(real, key=lambda municipality: municipality.population)
    towns = [municipality for municipality in real if municipality.is_town]
    cities = [municipality for municipality in real if not municipality.is_town and municipality is not largest]
    wanted_towns = count * len(towns) // len(real)
    return [largest, *rng.sample(towns, wanted_towns), *rng.sample(cities, count - 1 - wanted_towns)]


def _invented(number: int, of: int, rng: Random) -> Municipality:
    population = int(min(max(rng.lognormvariate(10.3, 1.2), 400), 3_500_000))
    kind = "市" if population >= 50_000 else "町" if population >= 5_000 else "村"
    code5 = f"{50_000 + number:05d}"  # no prefecture has these numbers
    old, young, homes = int(population * rng.uniform(0.2, 0.42)), int(population * 0.11), int(population * 0.43)
    area = rng.randint(1_000, 60_000)
    columns = 42
    # The columns of municipalities.csv, in its order.
    reference = {
        "municipality_code": code5 + _check_digit(code5),
        "lg_code5": code5,
        "name": f"合成{number:04d}{kind}",
        "kana": f"ごうせい{number:04d}",
        "kind": kind,
        "county": "",
        "region": f"合成第{1 + (number - 1) * max(1, of // 37) // of}",
        "region_verified": "no",
        "population_2020": population,
        "lat": f"{31 + number // columns * 0.3:.3f}",
        "lon": f"{130 + number % columns * 0.3:.3f}",
        "tile_col": (number - 1) % columns,
        "tile_row": (number - 1) // columns,
        "tile_label": f"{number:04d}",
        "pop_under15": young,
        "pop_15_64": population - young - old,
        "pop_65plus": old,
        "pop_75plus": old // 2,
        "pop_foreign": population // 50,
        "households_general": homes,
        "households_single": homes // 3,
        "households_elderly_couple": homes // 9,
        "households_elderly_single": homes // 9,
        "area_ha": area,
        "habitable_area_ha": area * 2 // 3,
    }
    return Municipality({name: str(value) for name, value in reference.items()})


def _check_digit(code5: str) -> str:
    weighted = sum(int(digit) * weight for digit, weight in zip(code5, range(6, 1, -1), strict=True))
    return str((11 - weighted % 11) % 10)


def draw_places(spec: WorldSpec, municipalities: tuple[Municipality, ...], rng: Random) -> list[Place]:
    """How each municipality is arranged from before the first month to after the last, in the order given.

    A queue decides: its front joins the programme first, its end is the last to have a window. Larger ones tend to
    stand in front.
    """
    queue = sorted(municipalities, key=lambda place: rng.expovariate(1) / place.population**0.6)
    base = fiscal_year(spec.first)
    statuses = [_statuses(index, len(queue), base, fiscal_year(spec.last), rng) for index in range(len(queue))]
    opened = [_window_date(index, len(queue), base, rng) for index in range(len(queue))]
    places = [_place(*drawn, spec, rng) for drawn in zip(queue, statuses, opened, strict=True)]
    return sorted(places, key=lambda place: place.municipality.code)


def _statuses(index: int, count: int, base: int, last: int, rng: Random) -> tuple[tuple[date, str], ...]:
    """One status a fiscal year; the last to implement in the first year starts in its October only.

    Where one alone implements, it is the first to prepare that starts in October.
    """
    outside = rng.choices(list(_OTHER_STATUSES), list(_OTHER_STATUSES.values()))[0]
    implementing = {year: _scaled(_implementing(year), count) for year in range(base - 1, last + 2)}
    found: list[tuple[date, str]] = [(date(1990, 4, 1), outside)]
    for year, places in implementing.items():
        preparing = _scaled(_TRANSITION_PREP.get(year, _TRANSITION_PREP[2024]), count)
        status = "implementing" if index < places else "transition_prep" if index < places + preparing else outside
        if year == base and index == places - 1 and places > 1:
            found += [(fiscal_year_start(year), "transition_prep"), (date(year, 10, 1), "implementing")]
        elif year == base and index == places == 1:
            found += [(fiscal_year_start(year), outside), (date(year, 10, 1), status)]
        else:
            found.append((fiscal_year_start(year), status))
    return tuple(
        step for before, step in zip([None, *found[:-1]], found, strict=True) if not before or before[1] != step[1]
    )


def _implementing(year: int) -> int:
    latest = max(_IMPLEMENTING)
    if year > latest:
        return min(_IMPLEMENTING[latest] + _IMPLEMENTING_MORE_EACH_YEAR * (year - latest), _WINDOWS_AT_START)
    return _IMPLEMENTING.get(year, min(_IMPLEMENTING.values()))


def _scaled(of_63: int, count: int) -> int:
    """The same share of another number of municipalities, at least one."""
    return max(1, (of_63 * count * 2 + REAL_MUNICIPALITIES) // (2 * REAL_MUNICIPALITIES))


def _window_date(index: int, count: int, base: int, rng: Random) -> date | None:
    """When the first window or team opened: before the first fiscal year, on some day within three years, or never."""
    at_start, at_end = _scaled(_WINDOWS_AT_START, count), _scaled(_WINDOWS_AT_END, count)
    if index < at_start:
        return date(rng.randint(base - 9, base - 1), rng.choice((4, 4, 4, 7, 10)), 1)
    if index < at_end:
        month = month_of(fiscal_year_start(base)) + 5 + 30 * (index - at_start) // (at_end - at_start)
        return first_day(month)
    return None


def _place(
    municipality: Municipality,
    statuses: tuple[tuple[date, str], ...],
    opened: date | None,
    spec: WorldSpec,
    rng: Random,
) -> Place:
    window, team = rng.choices(
        [(opened, None), (None, opened), (opened, opened), (opened, _some_years_after(opened, rng))], [5, 2, 2, 1]
    )[0]
    joins = next((since for since, status in statuses if status in _PROGRAMME), None)
    willing = rng.random() < (0.85 if opened else 0.4)
    starts = spec.first if rng.random() < 0.75 else spec.first + rng.randint(1, 18)
    if joins and (not willing or month_of(joins) < starts):
        starts = max(month_of(joins), spec.first)
    return Place(
        municipality=municipality,
        statuses=statuses,
        window_since=window,
        team_since=team,
        operator=rng.choices(["direct", "commissioned", "mixed"], [4, 3, 3])[0],
        sends_from=starts if joins or willing else None,
        sends_meetings=not joins and rng.random() < 0.1,
        consultations_per_100k=55 * rng.lognormvariate(0, 0.25),
        carelessness=rng.choices([0.3, 1, 3], [5, 4, 1])[0],
    )


def _some_years_after(day: date | None, rng: Random) -> date | None:
    return day and day.replace(year=day.year + rng.randint(1, 4))
