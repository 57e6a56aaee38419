"""Arrangements start from the figures published for the prefecture, and grow as they did."""

# ruff: noqa: S311 - a simulation wants a seeded generator, not a secure one
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import date
from itertools import pairwise
from random import Random

from pipelines.simulate.model import World, WorldSpec, first_day, month_of
from pipelines.simulate.places import draw_municipalities, draw_places
from pipelines.simulate.rows import SetupRow


def _setups(world: World, day: date) -> dict[str, SetupRow]:
    """The newest statement of every municipality as of a day."""
    newest: dict[str, SetupRow] = {}
    for submission in world.submissions:
        for row in submission.rows:
            if isinstance(row, SetupRow) and row.as_of <= day:
                known = newest.get(submission.sender_code)
                if known is None or row.as_of >= known.as_of:
                    newest[submission.sender_code] = row
    return newest


def _are_the_published_figures(stated_on: Callable[[date], Collection[SetupRow]]) -> None:
    start = stated_on(date(2023, 4, 1))
    assert len(start) == 63
    assert sum(row.one_stop_window or row.coordination_team for row in start) == 51
    for day in (date(2024, 4, 1), date(2025, 3, 31)):
        statuses = Counter(row.implementation_status for row in stated_on(day))
        assert (statuses["implementing"], statuses["transition_prep"]) == (11, 6)


def test_published_figures(prefecture: World) -> None:
    _are_the_published_figures(lambda day: _setups(prefecture, day).values())


def test_published_figures_whatever_the_seed() -> None:
    """Of what they would state: nothing else that they send is needed, and it takes seconds a seed."""
    for seed in range(20):
        spec = WorldSpec(seed=seed, municipalities=63, months=24)
        places = draw_places(spec, draw_municipalities(spec, Random(seed)), Random(seed))
        _are_the_published_figures(lambda day, places=places: [place.setup_row(day) for place in places])


def test_windows_only_grow(prefecture: World) -> None:
    counts = [
        sum(row.one_stop_window or row.coordination_team for row in _setups(prefecture, first_day(month)).values())
        for month in range(month_of(date(2023, 4, 1)), month_of(date(2025, 4, 1)))
    ]
    assert all(before <= after for before, after in pairwise(counts))
    assert 51 < counts[-1] < 63
