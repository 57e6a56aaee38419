"""The sample inbox: made whole or not at all, made once, and never in place of somebody's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import demo
from pipelines.settings import Settings
from pipelines.simulate.files import MARKER, write_submissions
from pipelines.simulate.world import World, WorldSpec
from tests.integration.test_refusals import kasane, refused


@pytest.fixture(autouse=True)
def _small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "SAMPLE", WorldSpec(seed=7, municipalities=1, months=1))


def test_an_interrupted_sample_is_made_anew(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(world: World, out: Path, *, messy: float) -> None:
        write_submissions(world, out, messy=messy)
        (out / MARKER).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(demo, "write_submissions", interrupted)
        demo.make_sample(settings)
    assert not settings.inbox_dir.exists()
    assert demo.make_sample(settings) and (settings.inbox_dir / MARKER).exists()
    assert not demo.make_sample(settings)
    assert [path.name for path in settings.root.iterdir()] == ["inbox"]


def test_an_inbox_of_somebody_elses_files_is_left_alone(settings: Settings) -> None:
    settings.inbox_dir.mkdir(parents=True)
    (settings.inbox_dir / "相談.csv").touch()
    said = refused(kasane(settings.root, "demo", "--no-serve"), 1)
    assert "見本ではないファイル" in said and str(settings.inbox_dir) in said
    assert [path.name for path in settings.inbox_dir.iterdir()] == ["相談.csv"]
