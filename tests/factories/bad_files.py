"""The zoo: every file as it must not arrive, with what the intake must make of it. One module a kind of fault."""

from __future__ import annotations

from functools import cache

from tests.factories.broken_rules import broken_rules
from tests.factories.building import BadFile
from tests.factories.misnamed import misnamed_files, misplaced_files
from tests.factories.misshapen import misshapen_files
from tests.factories.personal_data import personal_files
from tests.factories.unreadable import unreadable_files
from tests.factories.wrong_cells import wrong_cells


@cache
def bad_files() -> tuple[BadFile, ...]:
    """In the order a sender would meet the faults: file, name, header, cells, rules between cells, personal data."""
    return (
        *unreadable_files(),
        *misnamed_files(),
        *misplaced_files(),
        *misshapen_files(),
        *wrong_cells(),
        *broken_rules(),
        *personal_files(),
    )
