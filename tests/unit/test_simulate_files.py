"""Synthetic files: the same bytes from the same seed, names and cells as people write them."""

# ruff: noqa: S311 - a simulation wants a seeded generator, not a secure one
from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from expectations.contract import load_contracts
from pipelines.simulate.files import MARKER, write_submissions
from pipelines.simulate.messy import Style, Writer, draw_style, write_date, write_fiscal_year, write_period
from pipelines.simulate.model import World, WorldSpec
from pipelines.simulate.world import make_world

CONTRACTS = load_contracts()
MAKE = """
import sys
from pathlib import Path
from pipelines.simulate.files import write_submissions
from pipelines.simulate.truth_files import write_truth
from pipelines.simulate.world import WorldSpec, make_world
world = make_world(WorldSpec(seed=4, municipalities=3, months=4))
write_submissions(world, Path(sys.argv[1]) / "in", messy=0.7)
write_submissions(world, Path(sys.argv[1]) / "bundle", bundle=True)
write_truth(world, Path(sys.argv[1]) / "truth")
"""


@pytest.fixture(scope="module")
def world() -> World:
    """5 municipalities × 5 months, with the payments of the autumn."""
    return make_world(WorldSpec(seed=4, municipalities=5, months=5, first_month=date(2023, 7, 1)))


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes_in_another_process(tmp_path: Path) -> None:
    found = []
    for hash_seed in ("1", "2"):
        folder = tmp_path / hash_seed
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": ("UTC", "Asia/Tokyo")[hash_seed == "2"]}
        subprocess.run([sys.executable, "-c", MAKE, str(folder)], env=environment, check=True)
        found.append(_digests(folder))
    assert found[0] == found[1]
    assert any(name.endswith(".xlsx") for name in found[0]) and any(name.startswith("truth/") for name in found[0])


def test_another_seed_is_another_world(world: World) -> None:
    other = make_world(WorldSpec(seed=5, municipalities=5, months=5))
    assert {m.code for m in world.municipalities} != {m.code for m in other.municipalities}


@pytest.mark.parametrize(("messy", "bundle"), [(0.0, False), (1.0, False), (0.5, True)])
def test_what_is_written(world: World, tmp_path: Path, messy: float, bundle: bool) -> None:
    written = write_submissions(world, tmp_path, messy=messy, bundle=bundle)
    with (tmp_path / "arrivals.csv").open(encoding="utf-8", newline="") as stream:
        arrivals = {row["file"]: datetime.fromisoformat(row["arrived_at"]) for row in csv.DictReader(stream)}
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/*")}
    assert files == arrivals.keys() and len(files) == written
    assert len(set(arrivals.values())) == written, "arrivals must tell files apart"
    assert all(moment.utcoffset() is not None for moment in arrivals.values())
    assert (written < len(world.submissions)) if bundle else (written == len(world.submissions))
    marker = json.loads((tmp_path / MARKER).read_text(encoding="utf-8"))
    assert marker == {"origin": "synthetic", "seed": 4, "municipalities": 5, "months": 5}
    with (tmp_path / "municipalities.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["municipality_code"] for row in csv.DictReader(stream)] == [m.code for m in world.municipalities]


def test_a_tidy_file_says_what_was_sent(world: World, tmp_path: Path) -> None:
    write_submissions(world, tmp_path)
    submission = next(s for s in world.submissions if s.form == "case" and s.faults == {} and len(s.rows) > 3)
    by = f"{submission.sender_code}_case_{submission.period:%Y-%m}"
    again = "" if submission.version == 1 else f"_v{submission.version}"
    with (tmp_path / submission.sender_code / f"{by}{again}.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert len(header) == len(CONTRACTS["case"].columns) and len(rows) == len(submission.rows)
    assert [row[0] for row in rows] == [row.case_no for row in submission.rows]  # type: ignore[union-attr]


def test_spoilt_cells_stand_in_the_file(tmp_path: Path) -> None:
    world = make_world(WorldSpec(seed=2, municipalities=12, months=6))
    spoilt = [submission for submission in world.submissions if submission.faults]
    assert spoilt
    write_submissions(world, tmp_path)
    for submission in spoilt:
        again = "" if submission.version == 1 else f"_v{submission.version}"
        period = (
            f"{submission.period:%Y-%m}"
            if CONTRACTS[submission.form].cadence == "monthly"
            else f"FY{submission.period.year}"
        )
        name = f"{submission.sender_code}_{submission.form}_{period}{again}.csv"
        with (tmp_path / submission.sender_code / name).open(encoding="utf-8", newline="") as stream:
            _, *rows = csv.reader(stream)
        ids = [column.id for column in CONTRACTS[submission.form].columns]
        for index, fault in submission.faults.items():
            assert rows[index][ids.index(fault.column)] == fault.text


# --- habits ---


@pytest.mark.parametrize(
    ("day", "style", "with_day", "text"),
    [
        (date(2024, 5, 1), "iso", False, "2024-05"),
        (date(2024, 5, 9), "iso", True, "2024-05-09"),
        (date(2024, 5, 1), "era", False, "令和6年5月"),
        (date(2019, 5, 1), "era", True, "令和元年5月1日"),
        (date(2019, 4, 30), "era_letter", True, "H31.4.30"),
        (date(2024, 5, 1), "era_padded", True, "R06/05/01"),
        (date(2024, 5, 1), "compact", True, "20240501"),
        (date(2024, 5, 1), "serial", True, 45413),
    ],
)
def test_dates_as_people_write_them(day: date, style: str, with_day: bool, text: object) -> None:
    assert write_date(day, style, with_day=with_day) == text


def test_periods_as_people_write_them() -> None:
    assert write_period(date(2024, 5, 1), "monthly", "era_padded") == "R06-05"
    assert write_fiscal_year(2024, "era") == "令和6年度"
    assert write_fiscal_year(2019, "era") == "令和元年度"
    assert write_period(date(2024, 4, 1), "fiscal_year", "iso") == "FY2024"


def _written(form: str, column_id: str, value: object, style: Style, world: World) -> object:
    writer = Writer(CONTRACTS[form], style, world.code_lists, {m.code: m.name for m in world.municipalities})
    position = [column.id for column in CONTRACTS[form].columns].index(column_id)
    submission = next(s for s in world.submissions if s.form == form and s.rows)
    row = list(submission.rows[0])
    row[position] = value  # type: ignore[assignment]
    return writer.row(tuple(row))[position]


@pytest.mark.parametrize(
    ("form", "column", "value", "style", "text"),
    [
        ("consultation", "issue_flags", ("01", "09"), Style(separator="、"), "01、09"),
        ("consultation", "issue_flags", ("01", "09"), Style(codes="short", separator="/"), "1/9"),
        ("consultation", "age_band", "75+", Style(codes="wide"), "７５+"),
        ("consultation", "age_band", "18-29", Style(codes="short"), "18-29"),
        ("consultation", "gap_need", False, Style(flags=("有", "無")), "無"),
        ("consultation", "gap_reason", None, Style(blank="―"), "―"),
        ("case", "consultation_no", None, Style(blank="-"), ""),
        ("case", "replan_count", 0, Style(wide_numbers=True), "０"),
        ("case", "referred_from", "01", Style(kind="xlsx", codes="short"), 1),
        ("grant", "total_cost", 12_000, Style(yen="thousands"), "12千円"),
        ("grant", "total_cost", 1_234, Style(yen="thousands"), "1,234円"),
        ("grant", "total_cost", 1_234, Style(yen="yen_before"), "¥1,234"),
        ("grant", "municipal_share", None, Style(blank="なし"), "なし"),
        ("dispatch", "non_welfare_present", None, Style(blank="なし"), ""),
        ("grant_payment", "amount_yen", -1_234, Style(), "-1234"),
        ("grant_payment", "amount_yen", -1_234, Style(yen="comma", minus="△"), "△1,234"),
        ("grant_payment", "amount_yen", -12_000, Style(yen="thousands", minus="▲"), "▲12千円"),
        ("grant_payment", "amount_yen", -1_234, Style(yen="yen_before", minus="△"), "△¥1,234"),
        ("grant_payment", "amount_yen", -1_234, Style(kind="xlsx", minus="△"), -1_234),
        ("goal", "target_value", 62.5, Style(wide_numbers=True), "６２.５"),
        ("goal", "target_value", 1_200.0, Style(yen="comma"), "1,200"),
        ("goal", "target_value", 62.5, Style(kind="xlsx"), 62.5),
    ],
)
def test_values_as_people_write_them(
    world: World, form: str, column: str, value: object, style: Style, text: object
) -> None:
    assert _written(form, column, value, style, world) == text


def test_no_habit_makes_a_file_ambiguous() -> None:
    styles = [draw_style(Random(seed)) for seed in range(500)]
    assert {"\t", ","} <= {style.delimiter for style in styles} and {",", "\n"} <= {style.separator for style in styles}
    assert {"\r", "\n"} <= {style.newline for style in styles}
    for style in styles:
        assert not (style.delimiter == "\t" and style.separator == ","), "commas would look like the delimiter"
        assert not (style.newline == "\r" and style.separator == "\n"), "the cell's line break would end the row"
        assert style.kind != "tsv" or style.delimiter == "\t"


def test_about_the_share_asked_for_is_messy(world: World, tmp_path: Path) -> None:
    write_submissions(world, tmp_path / "tidy")
    write_submissions(world, tmp_path / "half", messy=0.5)
    tidy, half = set(_digests(tmp_path / "tidy").values()), set(_digests(tmp_path / "half").values())
    assert Fraction(3, 10) < Fraction(len(half - tidy), len(world.submissions)) < Fraction(7, 10)
