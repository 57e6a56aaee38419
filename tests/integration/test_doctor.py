"""`kasane doctor` on a sound home and on homes damaged one way each: it names the damage and never breaks itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pyarrow.parquet as pq
import pytest

from pipelines.builds import CURRENT, current_build_id
from pipelines.doctor import examine
from pipelines.intake.process import process_inbox
from pipelines.run import nothing_new
from pipelines.settings import Settings
from tests.integration.test_backup import NOW
from tests.integration.test_command_line import kasane


def said(settings: Settings, state: str) -> dict[str, str]:
    return {one.subject: one.said for one in examine(settings) if one.state == state}


def test_a_sound_home_is_sound(small_home: Settings) -> None:
    assert said(small_home, "異常") == {} == said(small_home, "注意")
    done = kasane(small_home.root, "doctor")
    assert done.returncode == 0 and str(current_build_id(small_home)) in done.stdout


def test_an_empty_home_is_no_damage(settings: Settings) -> None:
    assert said(settings, "異常") == {} and said(settings, "注意").keys() == {"受付簿"}


def _another_secret(home: Settings) -> None:
    home.rekey_secret.write_bytes(bytes(32))


def _half_a_secret(home: Settings) -> None:
    home.rekey_secret.write_bytes(b"short")


def _lost_row(home: Settings) -> None:
    path = next((home.lake_dir / "consultation").glob("*.parquet"))
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)


def _torn_parquet(home: Settings) -> None:
    path = next((home.lake_dir / "case").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:200])


def _flipped_manifest(home: Settings) -> None:
    for beside in home.root.glob("manifest.sqlite-*"):
        beside.unlink()
    data = bytearray(home.manifest_db.read_bytes())
    data[4096 * 3 : 4096 * 9] = os.urandom(4096 * 6)
    home.manifest_db.write_bytes(bytes(data))


def _no_manifest_at_all(home: Settings) -> None:
    for beside in home.root.glob("manifest.sqlite-*"):
        beside.unlink()
    home.manifest_db.write_bytes(b"no database" * 900)


def _torn_build(home: Settings) -> None:
    path = home.published_dir / str(current_build_id(home)) / "adviser.duckdb"
    path.write_bytes(path.read_bytes()[:5000])


def _swapped_audiences(home: Settings) -> None:
    folder = home.published_dir / str(current_build_id(home))
    (folder / "internal.duckdb").replace(folder / "public.duckdb")


def _torn_pointer(home: Settings) -> None:
    (home.published_dir / CURRENT).write_text('{"build_id": "2023', encoding="utf-8")


def _pointer_to_nowhere(home: Settings) -> None:
    (home.published_dir / CURRENT).write_text(json.dumps({"build_id": "202307-gone"}), encoding="utf-8")


def _own_reference(name: str, text: str) -> Callable[[Settings], None]:
    def damage(home: Settings) -> None:
        (home.root / "reference" / name).write_text(text, encoding="utf-8")

    return damage


CHANGES = "old_code,new_code,changed_on,kind,source,verified\n"
DAMAGES: list[tuple[Callable[[Settings], None], str, str]] = [
    (_another_secret, "鍵", "違います"),
    (_half_a_secret, "鍵", "違います"),
    (lambda home: home.rekey_secret.unlink(), "鍵", "ありません"),
    (_lost_row, "蓄積", "1 件"),
    (_torn_parquet, "蓄積", "読めない"),
    (_flipped_manifest, "受付簿", "壊れて"),
    (_no_manifest_at_all, "受付簿", "壊れて"),
    (_torn_build, "公開した版", "開けない"),
    (_swapped_audiences, "公開した版", "開けない"),
    (_torn_pointer, "表示中の版", "kasane run"),
    (_pointer_to_nowhere, "表示中の版", "kasane run"),
    (_own_reference("codes.csv", "list,code\n"), "参照表", "codes.csv"),
    (_own_reference("municipalities.csv", "なにか\n1\n"), "参照表", "municipalities.csv"),
    (_own_reference("municipality_changes.csv", CHANGES + "112011,112012,いつか,recode,x,no\n"), "参照表", "2行目"),
]


@pytest.mark.parametrize(("damage", "subject", "says"), DAMAGES)
def test_each_damage_is_named(
    small_home: Settings, damage: Callable[[Settings], None], subject: str, says: str
) -> None:
    damage(small_home)
    found = said(small_home, "異常")
    assert says in found[subject]
    assert found.keys() == {subject}


def test_what_the_next_run_mends_is_only_noted(small_home: Settings) -> None:
    next(small_home.receipts_dir.rglob("*.xlsx")).unlink()
    (small_home.inbox_dir / "新しい.csv").write_text("x", encoding="utf-8")
    small_home.rekey_secret.chmod(0o644)
    assert said(small_home, "異常") == {}
    assert said(small_home, "注意").keys() == {"受付票", "受領箱", "鍵"}
    process_inbox(small_home, now=NOW)
    assert said(small_home, "注意").keys() == {"鍵"}


def test_the_command_fails_when_something_is_wrong(small_home: Settings) -> None:
    _another_secret(small_home)
    done = kasane(small_home.root, "doctor")
    assert done.returncode == 1 and "[異常] 鍵" in done.stdout and "Traceback" not in done.stderr


@pytest.mark.parametrize("damage", [_torn_pointer, _pointer_to_nowhere])
def test_after_a_lost_pointer_a_run_has_work_to_do(small_home: Settings, damage: Callable[[Settings], None]) -> None:
    assert nothing_new(small_home)
    damage(small_home)
    assert current_build_id(small_home) is None and not nothing_new(small_home)
    assert kasane(small_home.root, "builds").returncode == 0
