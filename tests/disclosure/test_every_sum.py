"""A real release against an attacker who uses every sum there is, over all levels never shown and all breakdowns at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines.builds import current_build_id
from pipelines.disclosure.audit import Finding
from pipelines.disclosure.every_sum import EverySum
from pipelines.disclosure.reader import look
from pipelines.disclosure.thresholds import PROTECTED_AUDIENCES
from pipelines.disclosure.verify import Claim
from pipelines.protected_files import claimed
from pipelines.publish import EVIDENCE
from tests.conftest import RunHome


def attacked(told: Claim, *, quick: bool) -> tuple[int, list[Finding]]:
    """How many small counts the release hides, and those of them that a reader can narrow down."""
    system = told.system
    view = look(system, told.frames, told.never_shown, told.told)
    bound, _ = system.tells_of(np.isin(np.arange(len(system.value)), system.shown["count"][~told.never_shown]))
    hidden = bound & (system.value > 0) & (system.value < told.needed) & ~view.readable
    every = np.ones(system.sums.shape[0], dtype=bool)
    return int(hidden.sum()), EverySum([every], told.needed, hidden).narrowed(view, quick=quick)


@pytest.mark.parametrize("audience", PROTECTED_AUDIENCES)
def test_a_reader_narrows_nothing_down(run_home: Callable[[int], RunHome], audience: str, tmp_path: Path) -> None:
    settings = run_home(7).settings
    build = settings.published_dir / str(current_build_id(settings))
    shutil.copytree(build, tmp_path, dirs_exist_ok=True)
    shutil.copytree(build / EVIDENCE, tmp_path, dirs_exist_ok=True)
    told = claimed(settings, tmp_path, audience)
    hidden, found = attacked(told, quick=False)
    assert hidden > 100 and found == []
    # As if nothing were hidden but what is small itself.
    hidden, found = attacked(replace(told, told=told.told | (told.system.value >= told.needed)), quick=True)
    assert hidden > 100 and len(found) > hidden / 10
