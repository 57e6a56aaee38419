"""What goes wrong outside the program, and wrong usage: one Japanese sentence, an exit status, and never a traceback.

Run in this process, since an exception that gets out is the failure looked for. Mistakes of the program do get out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from pipelines import doctor
from pipelines.builds import BUILDING, current_build_id, prune, published_builds
from pipelines.cli import app
from pipelines.intake.process import process_inbox
from pipelines.settings import TIME_ZONE, Settings

GARBAGE = b"neither SQLite nor DuckDB nor JSON" * 200


def kasane(home: Path, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"KASANE_HOME": str(home), **environment}, prog_name="kasane")


def refused(done: Result, code: int) -> str:
    """What was said, when it was one sentence and no exception."""
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code == code and "Traceback" not in done.output
    assert re.search("[ぁ-ん]", done.stderr) and not re.search("(?:Error|Usage):", done.output)
    return done.stderr


def _garbage(path: Path) -> None:
    path.write_bytes(GARBAGE)


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 * 3 : -4096] = os.urandom(len(data) - 4096 * 4)
    path.write_bytes(bytes(data))


MANIFEST_READERS = (
    ("submissions",),
    ("submissions", "missing", "--month", "2023-05"),
    ("submissions", "withdraw", "x.csv", "--reason", "誤送"),
    ("run",),
    ("freshness",),
    ("explain", "new_consultations", "--area", "110001", "--month", "2023-05"),
    ("report", "list"),
    ("report", "send", "x"),
    ("quality",),
    ("purge", "--before", "2020-01"),
    ("backup", "x.zip"),
)
BUILD_READERS = (
    ("submissions", "missing", "--month", "2023-05"),
    ("explain", "new_consultations", "--area", "110001", "--month", "2023-05"),
    ("export", "kpi", "--out", "x.csv"),
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("damage", [_garbage, _half])
def test_a_damaged_manifest_is_named(small_home: Settings, damage: Callable[[Path], None]) -> None:
    for beside in small_home.root.glob("manifest.sqlite-*"):
        beside.unlink()
    damage(small_home.manifest_db)
    for arguments in MANIFEST_READERS:
        said = refused(kasane(small_home.root, *arguments), 1)
        assert "manifest.sqlite" in said and "kasane doctor" in said, arguments


@pytest.mark.parametrize("damage", [_garbage, _half, _middle, Path.unlink])
def test_a_damaged_file_of_a_build_is_named(small_home: Settings, damage: Callable[[Path], None]) -> None:
    damage(small_home.published_dir / str(current_build_id(small_home)) / "internal.duckdb")
    for arguments in BUILD_READERS:
        said = refused(kasane(small_home.root, *arguments), 1)
        # A damaged page is noticed by its checksum, and DuckDB then names no file.
        assert ("internal.duckdb" in said or "版のファイル" in said) and "kasane doctor" in said, arguments
    assert not list(Path().glob("x.csv*"))


@pytest.mark.parametrize("content", [b'{"build_id": "2', b"{}", b"[]", b"\xff"])
def test_a_damaged_manifest_of_a_build_is_named(small_home: Settings, content: bytes) -> None:
    build = str(current_build_id(small_home))
    (small_home.published_dir / build / "manifest.json").write_bytes(content)
    for arguments in (("builds",), ("rollback", build), ("builds", "diff", build, build)):
        said = refused(kasane(small_home.root, *arguments), 1)
        assert f"{build} の manifest.json" in said and "kasane doctor" in said, arguments


def test_a_damaged_build_hides_no_other_and_stops_no_run(small_home: Settings) -> None:
    (whole,) = published_builds(small_home)
    for name in ("202301-damaged", "202302-damaged"):
        (small_home.published_dir / name).mkdir()
        (small_home.published_dir / name / "manifest.json").write_bytes(b"{")
    done = kasane(small_home.root, "builds")
    assert whole.build_id in done.stdout, "the others are listed"
    assert all(name in refused(done, 1) for name in ("202301-damaged", "202302-damaged"))
    assert prune(small_home.model_copy(update={"keep_builds": 1})) == [], "the last step of a run"
    assert len(list(small_home.published_dir.glob("*/manifest.json"))) == 3


def test_a_build_that_a_killed_run_left_unfinished_is_none(small_home: Settings) -> None:
    (whole,) = published_builds(small_home)
    folder = small_home.published_dir / whole.build_id
    shutil.copytree(folder, folder.with_name(f"202499-killed{BUILDING}"))
    assert published_builds(small_home) == [whole]
    assert not [one for one in doctor.examine(small_home) if one.state == "異常"]


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_a_file_that_cannot_be_made_is_named(small_home: Settings, name: str) -> None:
    said = refused(kasane(small_home.root, "export", "kpi", "--out", f"nowhere/{name}"), 1)
    assert f"nowhere/{name} に書けません" in said and "ありません" in said and "partial" not in said


def test_a_backup_that_cannot_be_written_is_refused_in_japanese(small_home: Settings) -> None:
    said = refused(kasane(small_home.root, "backup", "nowhere/x.zip"), 1)
    assert "nowhere/x.zip に書けません" in said and "such file" not in said


def test_truth_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refused(kasane(tmp_path, "simulate", "--out", "out", "--truth", "file/truth"), 1)
    assert "file/truth" in said and not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [("run",), ("builds",), ("submissions",), ("doctor",)])
def test_a_home_that_is_a_file_is_named(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    assert "KASANE_HOME" in refused(kasane(tmp_path / "file", *arguments), 2)


def test_a_home_inside_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path / "file" / "home") in refused(kasane(tmp_path / "file" / "home", "restore", "x.zip"), 1)


@pytest.mark.parametrize("name", ["KASANE_RECIPIENTS", "KASANE_APPROVERS"])
def test_a_setting_that_is_no_json_is_named_and_its_value_is_not(tmp_path: Path, name: str) -> None:
    said = refused(kasane(tmp_path, "builds", **{name: '{"taro@example.jp'}), 2)
    assert name in said and "taro" not in said


USAGE = [
    (("submissions", "withdraw", "x.csv"), "--reason を指定してください", "kasane submissions withdraw --help"),
    (("rollback",), "BUILD を指定してください", "kasane rollback --help"),
    (("runn",), "runn というコマンドはありません。もしかして: run。", "kasane --help"),
    (("submissions", "shoow"), "shoow というコマンドはありません。もしかして: show。", "kasane submissions --help"),
    (("xyzzy",), "xyzzy というコマンドはありません。使い方", "kasane --help"),
    (("run", "--inbo", "x"), "--inbo という指定はありません。もしかして: --inbox。", "kasane run --help"),
    (("--nope",), "--nope という指定はありません", "kasane --help"),
    (("run", "--inbox"), "--inbox は値が要ります", "--help"),
    (("export", "kpi", "--by=1", "--out", "x.csv"), "--by は値をとりません", "--help"),
    (("run", "one", "two"), "余分な指定があります: one two", "kasane run --help"),
    (("submissions", "missing", "--month", "May"), "--month の値が違います。2024-05 のように", "missing --help"),
    (("run", "--as-of", "yesterday"), "--as-of の値が違います。「yesterday」は日時として読めません", "run --help"),
    (("builds", "--format", "xml"), "--format の値が違います。table、csv、json のどれか", "builds --help"),
    (("export", "kpi", "--out", "x.csv", "--audience", "all"), "internal、adviser、public のどれか", "kpi --help"),
    (("dashboard", "--port", "x"), "--port の値が違います。整数に", "kasane dashboard --help"),
    (("simulate", "--out", "x", "--months", "0"), "--months の値が違います。1 以上の整数に", "simulate --help"),
    (("simulate", "--out", "x", "--messy", "2"), "--messy の値が違います。0 以上、1 以下の数に", "simulate --help"),
]


@pytest.mark.parametrize(("arguments", "says", "points_to"), USAGE, ids=[" ".join(one[0]) for one in USAGE])
def test_wrong_usage_is_said_in_japanese(tmp_path: Path, arguments: tuple[str, ...], says: str, points_to: str) -> None:
    said = refused(kasane(tmp_path, *arguments), 2)
    assert says in said and points_to in said and "\n" not in said.strip()


READERS = (
    *MANIFEST_READERS,
    *BUILD_READERS,
    ("builds",),
    ("builds", "diff", "a", "b"),
    ("disclosure",),
    ("rollback", "a"),
    ("report", "approve", "x"),
    ("run", "--as-of", "2024-01-01"),
    ("submissions", "show", "x.csv"),
    ("doctor",),
)


@pytest.mark.parametrize("arguments", READERS, ids=" ".join)
def test_whoever_only_reads_begins_no_home(settings: Settings, arguments: tuple[str, ...]) -> None:
    """An empty home must stay one that a backup can be restored into."""
    done = kasane(settings.root, *arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert not settings.manifest_db.exists()
    restored = refused(kasane(settings.root, "restore", "nothing.zip"), 1)
    assert "空ではありません" not in restored


@pytest.mark.parametrize("arguments", [("submissions",), ("builds",), ("report", "list")], ids=" ".join)
def test_a_list_of_nothing_has_its_header(settings: Settings, arguments: tuple[str, ...]) -> None:
    told = kasane(settings.root, *arguments, "--format", "csv").stdout
    assert told.count("\n") == 1 and told.count(",") > 4


def test_headers_are_the_names_of_the_columns(small_home: Settings) -> None:
    for arguments in (("submissions",), ("builds",), ("submissions", "missing", "--month", "2023-04", "--all")):
        header, *_ = kasane(small_home.root, *arguments, "--format", "csv").stdout.splitlines()
        assert header.split(",") == list(json.loads(kasane(small_home.root, *arguments, "--format", "json").stdout)[0])


def test_disclosure_of_the_office_is_an_empty_list(small_home: Settings) -> None:
    hidden = kasane(small_home.root, "disclosure", "--format", "csv").stdout
    none = kasane(small_home.root, "disclosure", "--audience", "internal", "--format", "csv").stdout
    assert none.strip() == hidden.splitlines()[0] and len(hidden.splitlines()) > 1


def test_what_a_terminal_would_obey_in_a_file_name_is_shown_as_a_mark(settings: Settings) -> None:
    name = "相談\u3000一覧\x1b[2J\x9b1m\u202e.csv"
    settings.inbox_dir.mkdir(parents=True)
    (settings.inbox_dir / name).write_text("a,b\n1,2\n", encoding="utf-8")
    process_inbox(settings, now=datetime.now(TIME_ZONE))
    shown = "相談\u3000一覧\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}1m\N{REPLACEMENT CHARACTER}.csv"
    table = kasane(settings.root, "submissions").stdout
    assert shown in table and name not in table
    said = refused(kasane(settings.root, "submissions", "withdraw", name, "--reason", "誤送"), 1)
    assert shown in said and name not in said


def test_a_first_run_in_which_nothing_was_accepted_says_what_became_of_it(
    make_home: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = make_home(tmp_path / "home")
    settings.inbox_dir.mkdir()
    (settings.inbox_dir / "相談.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for _ in range(2):
        said = refused(kasane(settings.root, "run"), 1)
        assert "月次のファイルがまだありません" in said and "提出: 差戻し 1" in said
        assert "kasane submissions" in said and str(settings.receipts_dir) in said
        assert "提出ファイルを置いて" not in said and "表示中の版はそのまま" not in said


def test_a_replay_of_a_time_before_anything_arrived_says_so(small_home: Settings) -> None:
    said = refused(kasane(small_home.root, "run", "--as-of", "2010-01-01"), 1)
    assert "2010-01-01 23:59 までに" in said and "提出ファイルを置いて" not in said


@pytest.mark.parametrize("mistake", [KeyError("x"), TypeError("x"), ValueError("x"), duckdb.BinderException("x")])
def test_a_mistake_of_the_program_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: Exception
) -> None:
    def raises(settings: Settings) -> None:
        raise mistake

    monkeypatch.setattr("pipelines.listing.build_rows", raises)
    assert kasane(tmp_path, "builds").exception is mistake
