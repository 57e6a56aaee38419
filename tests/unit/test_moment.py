"""What a person types as a moment: a day is known to its end, in Japan."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import typer

from pipelines.cli_common import moment
from pipelines.settings import TIME_ZONE


def test_a_day_is_known_to_its_end() -> None:
    midnight = datetime(2024, 6, 11, tzinfo=TIME_ZONE)
    assert midnight - timedelta(seconds=1) < moment("2024-06-10") < midnight


@pytest.mark.parametrize("text", ["2024-06-10T09:00", "2024-06-10 09:00:00", "2024-06-10T00:00+00:00"])
def test_a_time_is_that_time_in_japan_unless_it_says_otherwise(text: str) -> None:
    assert moment(text) == datetime(2024, 6, 10, 9, tzinfo=TIME_ZONE)


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "2024-06", ""])
def test_what_is_no_moment_is_said(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="日時として読めません"):
        moment(text)
