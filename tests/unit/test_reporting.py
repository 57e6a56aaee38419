"""What the pipeline hears of the process that makes documents, above all when that breaks off."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from dashboards.reports.__main__ import tell_where
from pipelines.reporting import ReportFailed, make_documents
from pipelines.settings import Settings

MORE_THAN_A_PIPE_HOLDS = 200_000


@pytest.fixture
def breaks_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home whose process of documents says much and ends before it has begun."""
    code = f"import os, sys; sys.stderr.write('why ' * {MORE_THAN_A_PIPE_HOLDS // 4}); sys.stderr.flush(); os._exit(7)"
    (tmp_path / "sitecustomize.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Settings(home=tmp_path / "home")


def test_why_a_document_was_not_made_is_kept_and_named(breaks_off: Settings) -> None:
    with pytest.raises(ReportFailed) as failed:
        make_documents(breaks_off, "monthly", month=date(2024, 5, 1), audience="public", build="b")
    (log,) = breaks_off.work_dir.iterdir()
    assert failed.value.may_pass and "終了コード 7" in str(failed.value) and str(log) in str(failed.value)
    assert len(log.read_text(encoding="utf-8")) == MORE_THAN_A_PIPE_HOLDS


def test_a_trouble_that_was_told_leaves_no_file(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(ReportFailed, match="はありません"):
        make_documents(settings, "monthly", month=date(2024, 5, 1), audience="public", build="nothing")
    assert list(settings.work_dir.iterdir()) == []


def _breaks(secret: str) -> None:
    raise ValueError(f"no good:\n  {secret}")


def test_where_it_broke_is_told_and_not_what_was_in_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    with ProcessPoolExecutor(max_workers=1) as helpers, pytest.raises(ValueError, match="no good") as caught:
        helpers.submit(_breaks, "12345").result()
    tell_where(ValueError, caught.value, caught.value.__traceback__)
    told = capsys.readouterr().err
    assert "in _breaks" in told and told.endswith("ValueError\n") and "12345" not in told and "no good" not in told
