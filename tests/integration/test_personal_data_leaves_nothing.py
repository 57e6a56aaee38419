"""Personal data in any form, any wording, any place: the file is refused and not a byte of it stays anywhere."""

from __future__ import annotations

import json
import logging
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import cycle
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from pipelines.intake.manifest import Manifest
from pipelines.intake.process import process_inbox
from pipelines.progress import Silent
from pipelines.run import refresh
from pipelines.settings import TIME_ZONE, Settings
from pipelines.simulate.files import write_submissions
from pipelines.simulate.world import WorldSpec, make_world
from tests.factories.building import as_csv, as_xlsx, contracts, good_rows, grid, name_of
from tests.factories.hidden_places import PLACES
from tests.factories.personal_data import (
    ANYWHERE,
    IN_IDENTIFIERS,
    IN_PERSONS_ROWS,
    UNDER_A_FORBIDDEN_HEADER,
    in_a_code,
    personal_files,
)

NOW = datetime(2024, 6, 10, 9, tzinfo=TIME_ZONE)
KINDS = ("phone", "email", "my_number", "postal_address")
# Of each kind the first wording, the last and one between.
IN_WORKBOOKS = [
    plants[at]
    for kind in KINDS
    for plants in [[plant for plant in ANYWHERE if plant.kind == kind]]
    for at in (0, len(plants) // 2, -1)
]


def needles() -> set[bytes]:
    """Every planted text in every writing in which something may have stored it."""
    texts = {plant.text for plant in (*ANYWHERE, *IN_IDENTIFIERS, *IN_PERSONS_ROWS)} | {UNDER_A_FORBIDDEN_HEADER}
    texts |= {unicodedata.normalize("NFKC", text) for text in texts}
    texts |= {"".join(filter(str.isdigit, text)) for text in texts}
    texts |= {json.dumps(text)[1:-1] for text in texts}
    long_enough = {text for text in texts if len(text) >= 8 or (len(text) >= 4 and not text.isascii())}
    return {text.encode(encoding, "ignore") for text in long_enough for encoding in ("utf-8", "cp932", "utf-16-le")}


def everything_in(folder: Path) -> Iterable[tuple[Path, bytes]]:
    """All files with their bytes; what is packed or encoded is given unpacked too. The key is not looked at."""
    for path in folder.rglob("*"):
        if not path.is_file() or "secrets" in path.relative_to(folder).parts:
            continue
        yield path, path.read_bytes()
        if path.suffix == ".parquet":
            yield path, repr(duckdb.execute(f"select * from '{path}'").fetchall()).encode()
        elif path.suffix == ".duckdb":
            yield path, _tables_of(path)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield path, b"\n".join(archive.read(name) for name in archive.namelist())


def _tables_of(path: Path) -> bytes:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() where not internal and not temporary"
        ).fetchall()
        rows = [connection.execute(f'select * from "{schema}"."{table}"').fetchall() for schema, table in names]
    return repr(rows).encode()


def traces(folder: Path, wanted: Iterable[bytes]) -> set[str]:
    """Files under the folder that hold one of the texts."""
    wanted = [needle for needle in wanted if len(needle) >= 8]
    return {
        path.relative_to(folder).as_posix()
        for path, content in everything_in(folder)
        if any(needle in content for needle in wanted)
    }


def workbooks() -> dict[str, tuple[bytes, str]]:
    """Every hiding place with every wording, the forms taken in turn: file name → bytes, kind."""
    forms = cycle(contracts().values())
    return {
        f"{at}-{number}/{name_of(contract, 'xlsx')}": (build(contract, plant.text), plant.kind)
        for at, build in enumerate(PLACES.values())
        for number, plant in enumerate(IN_WORKBOOKS)
        for contract in [next(forms)]
    }


def put(settings: Settings, name: str, data: bytes) -> None:
    path = settings.inbox_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def outcomes(settings: Settings) -> dict[str, tuple[str, tuple[str, ...]]]:
    with Manifest(settings.manifest_db) as manifest:
        return {one.file_name: (one.status, one.error_codes) for one in manifest.known_at(None)}


def test_the_plants_are_many_and_of_every_kind() -> None:
    assert len({plant.text for plant in (*ANYWHERE, *IN_IDENTIFIERS, *IN_PERSONS_ROWS)}) >= 40
    assert {plant.kind for plant in IN_WORKBOOKS} == {plant.kind for plant in ANYWHERE}
    assert any(needle in "連絡先０４８－７６５－４３２１".encode() for needle in needles())


def test_text_files_of_every_form_leave_nothing(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    files = {f"{at}/{bad.file_name}": bad for at, bad in enumerate(personal_files())}
    for name, bad in files.items():
        put(settings, name, bad.data)
    with caplog.at_level(logging.DEBUG):
        process_inbox(settings, now=NOW)
    found = outcomes(settings)
    assert [name for name, bad in files.items() if found[name][0] != "refused_personal_data"] == []
    assert [name for name, bad in files.items() if bad.code not in found[name][1]] == []
    assert traces(settings.root, needles()) == set()
    assert not any(needle in caplog.text.encode() for needle in needles())


def test_workbooks_leave_nothing_wherever_it_was_hidden(settings: Settings) -> None:
    files = workbooks()
    for name, (data, _) in files.items():
        put(settings, name, data)
    process_inbox(settings, now=NOW)
    found, places = outcomes(settings), list(PLACES)
    missed = {
        (places[int(name.split("-")[0])], kind) for name, (_, kind) in files.items() if kind not in found[name][1]
    }
    assert missed == set()
    assert {status for status, _ in found.values()} == {"refused_personal_data"}
    assert traces(settings.root, needles()) == set()


def test_a_file_called_after_somebody_is_refused_and_its_name_forgotten(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    contract = contracts()["consultation"]
    data, own_name = as_csv(grid(contract, good_rows(contract))), name_of(contract)
    put(settings, f"048-765-4321/{own_name}", data)
    put(settings, f"0487654321_{own_name}", data)
    put(settings, f"hanako@example.jp_{own_name}", b"\0 no table at all")
    put(settings, f"202405011230/0501/{own_name}", data)  # a time of day, a day before a code
    with caplog.at_level(logging.DEBUG):
        process_inbox(settings, now=NOW)
    statuses = sorted(outcomes(settings).values())
    assert statuses == [("accepted", ()), *[("refused_personal_data", ("file_name",))] * 3]
    needles_of_names = [b"048-765-4321", b"0487654321", b"hanako"]
    assert traces(settings.root, needles_of_names) == set()
    kept_names = "\n".join(path.as_posix() for path in settings.root.rglob("*") if path.is_file())
    assert not any(needle in (kept_names + caplog.text).encode() for needle in needles_of_names)
    assert len(list(settings.receipts_dir.rglob("*.json"))) == 4


def test_a_name_where_a_code_is_due_is_rejected_and_not_kept(settings: Settings) -> None:
    """What is no number, month or code cannot be told from a typing error: the row is rejected and the text forgotten."""
    for at, contract in enumerate(contracts().values()):
        put(settings, f"{at}/{name_of(contract)}", as_csv(in_a_code(contract, UNDER_A_FORBIDDEN_HEADER)))
    process_inbox(settings, now=NOW)
    assert {status for status, _ in outcomes(settings).values()} <= {"accepted_with_errors", "returned"}
    needle = UNDER_A_FORBIDDEN_HEADER.encode()
    assert {path.split("/")[0] for path in traces(settings.root, [needle])} == {"inbox"}


def test_workbooks_of_every_form_with_harmless_trimmings_are_no_false_alarm(settings: Settings) -> None:
    def trim(book: xlsxwriter.Workbook) -> None:
        sheet = book.worksheets()[0]
        book.set_properties({"author": "福祉課", "comments": "令和6年5月分 2024-06-01作成"})
        sheet.write_comment("A1", "番号は R5-0412-0003 のように")
        sheet.set_header("&L令和6年5月分&R&D &T")
        sheet.insert_textbox("H9", "2024/05/01~2024/05/31 に受け付けたもの")

    for contract in contracts().values():
        cells = grid(contract, good_rows(contract))
        put(settings, name_of(contract, "xlsx"), as_xlsx({contract.label_ja: cells}, trim))
    process_inbox(settings, now=NOW)
    assert {status for status, _ in outcomes(settings).values()} == {"accepted"}


@pytest.mark.parametrize("seed", [11, 12])
def test_what_people_really_send_is_no_false_alarm(seed: int, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    write_submissions(make_world(WorldSpec(seed=seed, municipalities=9, months=6)), settings.inbox_dir, messy=1.0)
    process_inbox(settings, now=datetime(2030, 1, 1, tzinfo=TIME_ZONE))
    found = outcomes(settings)
    assert len(found) > 100
    assert {name for name, (status, _) in found.items() if status == "refused_personal_data"} == set()


def test_the_whole_pipeline_leaves_nothing(tmp_path: Path, make_home: Callable[..., Settings]) -> None:
    settings = make_home(tmp_path / "home")
    inbox = settings.inbox_dir
    write_submissions(make_world(WorldSpec(seed=3, municipalities=3, months=3)), inbox, messy=0.5)
    planted = [*personal_files()[::23], *personal_files()[::31]]
    for at, bad in enumerate(planted):
        put(settings, f"planted/{at}/{bad.file_name}", bad.data)
    for name, (data, _) in list(workbooks().items())[::17]:
        put(settings, f"planted/{name}", data)
    for at, contract in enumerate(contracts().values()):
        cells = in_a_code(contract, UNDER_A_FORBIDDEN_HEADER)
        put(settings, f"rejected/{at}/{name_of(contract)}", as_csv(cells))
    refresh(settings, progress=Silent())
    found = outcomes(settings)
    refused = {name for name, (status, _) in found.items() if status == "refused_personal_data"}
    assert refused == {name for name in found if name.startswith("planted/")} and len(refused) >= len(planted)
    assert (settings.published_dir / "CURRENT.json").exists()
    assert {path for path in traces(settings.root, needles()) if not path.startswith("inbox/rejected/")} == set()
