"""Which municipalities a world has: the real ones, a choice of them, or more than there are."""

# ruff: noqa: S311 - a simulation wants a seeded generator, not a secure one
from __future__ import annotations

from random import Random

import pytest

from expectations.contract import load_contracts
from pipelines.simulate.model import WorldSpec
from pipelines.simulate.places import REAL_MUNICIPALITIES, draw_municipalities
from pipelines.simulate.rows import GrantRow
from pipelines.simulate.world import make_world

CONTRACTS = load_contracts()


@pytest.mark.parametrize("count", [1, 2, 9, 40, 62])
def test_a_choice_keeps_the_designated_city_and_has_no_double(count: int) -> None:
    chosen = draw_municipalities(WorldSpec(seed=3, municipalities=count, months=1), Random("x"))
    codes = [municipality.code for municipality in chosen]
    assert len(set(codes)) == count and codes == sorted(codes) and "111007" in codes
    if count >= 9:
        assert {municipality.is_town for municipality in chosen} == {True, False}


def test_invented_municipalities_have_valid_codes_and_tiles_of_their_own() -> None:
    invented = draw_municipalities(WorldSpec(seed=3, municipalities=1741, months=60), Random("x"))
    assert len({m.code for m in invented}) == len({m.name for m in invented}) == 1741
    assert len({(m.reference["tile_col"], m.reference["tile_row"]) for m in invented}) == 1741
    assert 30 < len({m.region_code for m in invented}) < 60
    real = draw_municipalities(WorldSpec(seed=3, municipalities=REAL_MUNICIPALITIES, months=1), Random("x"))
    assert list(invented[0].reference) == list(real[0].reference)
    for municipality in (*invented, *real):  # the real ones show that the check is the right one
        digits = [int(digit) for digit in municipality.code]
        weighted = sum(digit * weight for digit, weight in zip(digits, range(6, 1, -1), strict=False))
        assert digits[5] == (11 - weighted % 11) % 10


def test_a_world_beyond_the_real_ones_is_whole() -> None:
    world = make_world(WorldSpec(seed=5, municipalities=70, months=8))
    assert {submission.form for submission in world.submissions} == set(CONTRACTS)
    assert {row.municipality_code for s in world.submissions for row in s.rows if isinstance(row, GrantRow)} <= {
        municipality.code for municipality in world.municipalities
    }
