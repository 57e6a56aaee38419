"""The disclosure room's door to files: warehouse and earlier releases in, one protected file per audience out, checked again.

What to hide and whether it holds is decided in `disclosure`; moving the files into a build belongs to `publish.py`.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from expectations.contract import load_contracts
from pipelines.disclosure.counts import COUNT_COLUMN, ROW_KEYS, numbers_of, read_counted
from pipelines.disclosure.protect import NotSafe, Rules, claim, count, describe
from pipelines.disclosure.protect import protect as protect_frames
from pipelines.disclosure.thresholds import AUDIENCES, PROTECTED_AUDIENCES, read_levels, read_thresholds
from pipelines.disclosure.verify import Claim, verify
from pipelines.intake.crew import Crew
from pipelines.intake.manifest import Manifest
from pipelines.resources import connect
from pipelines.settings import Settings

_HIDDEN_JA = (
    "秘匿済み(しきい値未満の人数と、合計・差引き・前の版との比較からそれを推定できる升目を「x」にし、"
    "推定できないことを版ごとに検算"
)
STATEMENT_JA: Mapping[str, str] = {
    "internal": "秘匿なし(県の内部利用に限る)",
    "adviser": f"{_HIDDEN_JA})",
    "public": f"{_HIDDEN_JA}。市町村の人数は年度だけ)",
}
SUBJECT_JA: Mapping[str, str] = {
    "consultation": "相談",
    "case": "支援(ケース)",
    "outreach": "アウトリーチ",
    "outreach_contact": "アウトリーチの延べ接触",
    "match": "参加支援",
    "place_visitor": "居場所の延べ来場",
}
_WORTH_SHARING = 100_000
"""Cells of breakdowns from which on a process per audience pays: it takes two seconds to start."""
ROW_COUNTS = ("rows_total", "rows_accepted", "rows_rejected")
NOT_COVERED = frozenset({"support_duration"})
"""Tables that count persons and that disclosure control does not cover: empty in the other audiences' files."""
TELLS_OF_PERSONS = frozenset({"goal_progress"})
"""KPIs that count no persons, but of which counts of persons follow: whether a goal stated as a number of persons was reached
says that the number is at least that. Hidden whole outside the internal file."""
NEVER_PUBLISHED = frozenset({"submission_id", "row_number", "file_name"})
EVIDENCE = ("witnesses", "snapshot", "report")


class CaseLevelColumn(RuntimeError):
    """A table meant for publication has a column that only case-level rows have."""


def protect(settings: Settings) -> Path:
    """Write `work/protected/<audience>.duckdb` from the warehouse, with the evidence beside; returns the folder.

    The internal file is whole. What cannot be made safe for an audience is withheld from it, and its file says so.
    Raises CaseLevelColumn before anything is written.
    """
    folder = _protected(settings)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with connect(settings.warehouse_db, read_only=True) as warehouse:
        _refuse_case_level_columns(warehouse)
    # The longest first; each reads the warehouse for itself.
    _for_each(settings, partial(_make, settings), sorted(AUDIENCES, key=lambda one: one not in PROTECTED_AUDIENCES))
    return folder


def _for_each(settings: Settings, work: Callable[[str], None], audiences: Iterable[str]) -> None:
    """Every audience, on all cores when there are many cells."""
    with connect(settings.warehouse_db, read_only=True) as warehouse:
        cells = warehouse.execute("select count(*) from published.kpi_monthly_by").fetchall()[0][0]
    with Crew(shares=cells >= _WORTH_SHARING) as crew:
        for _ in crew.map(work, audiences, chunk=1):
            pass  # what is left behind are files, or NotSafe


def _protected(settings: Settings) -> Path:
    return settings.work_dir / "protected"


def _make(settings: Settings, audience: str) -> None:
    """Write the file of one audience and its evidence."""
    folder = _protected(settings)
    with connect(settings.warehouse_db, read_only=True) as warehouse:
        tables = _tables(warehouse, "published")
        build, rules, frames = _told(settings, warehouse, "published")
    path = folder / f"{audience}.duckdb"
    if audience not in PROTECTED_AUDIENCES:
        _write_audience_file(settings, path, audience, tables, frames, STATEMENT_JA[audience])
        return
    done = protect_frames(
        count(frames, rules),
        frames,
        rules,
        audience,
        earlier=_earlier(settings, audience, build),
        witnesses=_last_witnesses(settings, audience),
    )
    _write_audience_file(settings, path, audience, tables, done.frames, statement(audience, done.withheld))
    for name in EVIDENCE:
        getattr(done, name).to_parquet(folder / f"{audience}.{name}.parquet", index=False)


def statement(audience: str, withheld: Collection[str]) -> str:
    """What a file says of its protection; `withheld` are the subjects of which it shows nothing."""
    if not withheld:
        return STATEMENT_JA[audience]
    subjects = "、".join(SUBJECT_JA.get(subject, subject) for subject in sorted(withheld))
    return f"{STATEMENT_JA[audience]}。この版では、前の版と合わせても推定できない出し方がないため、{subjects}の人数をすべて秘匿"


def statements(folder: Path) -> dict[str, str]:
    """What the file of each audience says of its protection."""
    said = {}
    for audience in AUDIENCES:
        with connect(folder / f"{audience}.duckdb", read_only=True) as con:
            said[audience] = con.execute("select suppression_ja from build").fetchall()[0][0]
    return said


def check(settings: Settings, folder: Path) -> None:
    """Verify the files in a folder as a reader has them, without a solver. Raises NotSafe, in Japanese and without values."""
    _for_each(settings, partial(_check, settings, folder), PROTECTED_AUDIENCES)


def _check(settings: Settings, folder: Path, audience: str) -> None:
    told = claimed(settings, folder, audience)
    breaches = verify(told)
    if breaches:
        named = "、".join(name for breach in breaches for name in describe(told.system, breach.counts[:3]))
        found = sum(len(breach.counts) for breach in breaches)
        kinds = "・".join(breach.what for breach in breaches)
        raise NotSafe(f"{audience} 用の版で、推定できる升目が {found} 件見つかりました({kinds}): {named}")


def claimed(settings: Settings, folder: Path, audience: str) -> Claim:
    """The file of an audience in a folder as its readers have it, beside the truth in the internal one."""
    with connect(folder / "internal.duckdb", read_only=True) as con:
        build, rules, frames = _told(settings, con, "main")
    with connect(folder / f"{audience}.duckdb", read_only=True) as con:
        published = {table: _numbers(con, table) for table in ROW_KEYS}
    return claim(
        count(frames, rules),
        published,
        rules,
        audience,
        earlier=_earlier(settings, audience, build),
        witnesses=pd.read_parquet(folder / f"{audience}.witnesses.parquet"),
    )


def _told(
    settings: Settings, con: duckdb.DuckDBPyConnection, schema: str
) -> tuple[str, Rules, dict[str, pd.DataFrame]]:
    """The build that lies in a schema, the rules for it, and its whole tables."""
    build = con.execute(f"select build_id from {schema}.build").fetchall()[0][0]
    return build, _rules(settings, con, schema), _frames(con, schema)


def _numbers(con: duckdb.DuckDBPyConnection, table: str) -> pd.DataFrame:
    """What a published table tells of counts, in the order of its key."""
    columns = ", ".join(numbers_of(table))
    return con.execute(f"select {columns} from {table} order by {', '.join(ROW_KEYS[table])}").df()


def remember(settings: Settings, folder: Path, build: str) -> None:
    """Keep in the manifest what each audience is about to be shown, and what is hidden from it."""
    with Manifest(settings.manifest_db) as manifest:
        for audience in PROTECTED_AUDIENCES:
            manifest.remember_release(build, audience, (folder / f"{audience}.snapshot.parquet").read_bytes())


def hidden_cells(folder: Path) -> dict[str, dict[str, int]]:
    """How many cells are hidden, by audience and table."""
    hidden: dict[str, dict[str, int]] = {}
    for audience in AUDIENCES:
        with connect(folder / f"{audience}.duckdb", read_only=True) as con:
            query = "select count(*) from {} where mark = 'x'"
            hidden[audience] = {table: con.execute(query.format(table)).fetchall()[0][0] for table in ROW_KEYS}
    return hidden


def report(folder: Path) -> list[dict[Hashable, Any]]:
    """What protection cost: one line per audience × table × KPI × area level (see `disclosure.protect`)."""
    told = [
        pd.read_parquet(folder / f"{audience}.report.parquet").assign(audience=audience)
        for audience in PROTECTED_AUDIENCES
    ]
    return pd.concat(told).to_dict("records")


def shares(row: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    """Of the rows of the levels that are shown: hidden before and after protection against subtraction, and by whole lines."""
    shown = row["cells"] - row["not_shown"]
    hidden = {"small_share": "small", "hidden_share": "hidden", "whole_lines_share": "whole_lines"}
    counts = {**row, "hidden": row["small"] + row["others"]}
    return {name: f"{counts.get(column, 0) / shown:.1%}" if shown else "" for name, column in hidden.items()}


def _earlier(settings: Settings, audience: str, build: str) -> list[pd.DataFrame]:
    with Manifest(settings.manifest_db) as manifest:
        return [pd.read_parquet(io.BytesIO(kept)) for kept in manifest.releases(audience, but=build)]


def _last_witnesses(settings: Settings, audience: str) -> pd.DataFrame | None:
    kept = sorted(
        settings.published_dir.glob(f"*/evidence/{audience}.witnesses.parquet"), key=lambda path: path.stat().st_mtime
    )
    return pd.read_parquet(kept[-1]) if kept else None


def _rules(settings: Settings, con: duckdb.DuckDBPyConnection, schema: str) -> Rules:
    month: date = con.execute(f"select data_month from {schema}.build").fetchall()[0][0]
    prefecture = con.execute(f"select prefecture_code from {schema}.build").fetchall()[0][0]
    places = con.execute(
        f"select municipality_code, region_code, population_2020 from {schema}.dim_municipality"
    ).fetchall()
    persons = con.execute(f"select kpi_id from {schema}.kpi_catalogue where counts_persons").fetchall()
    population: dict[str, int] = {}
    for municipality, region, people in places:
        for area in (municipality, region, prefecture):
            population[area] = population.get(area, 0) + people
    regions = {region: prefecture for _, region, _ in places}
    return Rules(
        counted=read_counted(_reference(settings, "disclosure_counts.csv")),
        levels=read_levels(_reference(settings, "disclosure_levels.csv")),
        thresholds=read_thresholds(_reference(settings, "disclosure_thresholds.csv"), on=month),
        population=population,
        parents={municipality: region for municipality, region, _ in places} | regions,
        persons=TELLS_OF_PERSONS.union(kpi for (kpi,) in persons),
    )


def _reference(settings: Settings, name: str) -> list[dict[str, str]]:
    with settings.reference(name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _frames(con: duckdb.DuckDBPyConnection, schema: str) -> dict[str, pd.DataFrame]:
    """The tables whose rows are hidden one by one, each in the order of its key."""
    frames = {}
    for table, keys in ROW_KEYS.items():
        frame = con.execute(f"select * from {schema}.{table} order by {', '.join(keys)}").df()
        # Counts stay integers although some are null: a float would lose yen above 2^53 and print as 3.0.
        numbers = [COUNT_COLUMN[table]] if table in COUNT_COLUMN else ["numerator", "denominator"]
        frames[table] = frame.astype(dict.fromkeys(numbers, "Int64"))
    return frames


def _write_audience_file(
    settings: Settings, path: Path, audience: str, tables: list[str], cells: Mapping[str, pd.DataFrame], said: str
) -> None:
    warehouse = str(settings.warehouse_db).replace("'", "''")
    with connect(path) as con:
        con.execute(f"attach '{warehouse}' as warehouse (read_only)")
        con.execute("begin")  # each statement on its own would wait for the disk, and there are hundreds
        for table in tables:
            # An empty copy first: the published file keeps the contract's types whatever a frame makes of them.
            con.execute(f"create table {table} as select * from warehouse.published.{table} limit 0")
            if table in cells:
                con.register("cells", cells[table])
                con.execute(f"insert into {table} by name select * from cells")
                con.unregister("cells")
            elif audience == "internal" or table not in NOT_COVERED:
                con.execute(f"insert into {table} select * from warehouse.published.{table}")
        if audience != "internal":
            _hide_what_follows(con)
        con.execute("alter table build add column audience varchar")
        con.execute("alter table build add column suppression_ja varchar")
        con.execute("update build set audience = ?, suppression_ja = ?", [audience, said])
        _copy_comments(con, tables)
        con.execute("commit")
        con.execute("detach warehouse")


def _hide_what_follows(con: duckdb.DuckDBPyConnection) -> None:
    """Hide what was worked out of hidden rows, and counts of submitted rows, which are counts of persons."""
    con.execute(f"update submission_status set {', '.join(f'{column} = null' for column in ROW_COUNTS)}")
    bounds = "lower_95 = null, upper_95 = null"
    funnel = ", ".join(f"funnel_{name} = null" for name in ("centre", "lower_95", "upper_95", "lower_998", "upper_998"))
    con.execute(
        f"update kpi_interval set {bounds}, {funnel}, mark = 'x' from kpi_monthly as cell where cell.mark = 'x'"
        " and cell.kpi_id = kpi_interval.kpi_id and cell.period = kpi_interval.period"
        " and cell.area_code = kpi_interval.area_code"
    )
    # Limits around a hidden prefecture tell its value.
    con.execute(
        f"update kpi_interval set {funnel} from kpi_monthly as whole where whole.mark = 'x'"
        " and whole.area_level = 'prefecture' and whole.kpi_id = kpi_interval.kpi_id and whole.period = kpi_interval.period"
    )
    # A mean over months tells the one that is hidden.
    con.execute(
        "update kpi_signal set centre = null, lower = null, upper = null, signals = null, mark = 'x'"
        " from kpi_monthly as cell where cell.mark = 'x' and cell.kpi_id = kpi_signal.kpi_id"
        " and cell.area_code = kpi_signal.area_code"
    )
    # A measured goal is a sum over months of a municipality.
    con.execute(
        "update goal set measured_value = null, is_reached = null from kpi_catalogue"
        " where kpi_catalogue.kpi_id = goal.measured_kpi and kpi_catalogue.counts_persons"
    )


def _copy_comments(con: duckdb.DuckDBPyConnection, tables: list[str]) -> None:
    """Carry the Japanese descriptions along; the dashboard's explanations come from the file it reads."""
    described = "where database_name = 'warehouse' and schema_name = 'published' and comment is not null"
    rows = con.execute(
        f"select 'table ' || table_name, table_name, comment from duckdb_tables() {described} union all"
        " select 'column ' || table_name || '.\"' || column_name || '\"', table_name, comment"
        f" from duckdb_columns() {described}"
    ).fetchall()
    for what, table, comment in rows:
        if table in tables:
            text = comment.replace("'", "''")
            con.execute(f"comment on {what} is '{text}'")


def _tables(con: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    query = "select table_name from information_schema.tables where table_schema = ? order by table_name"
    return [row[0] for row in con.execute(query, [schema]).fetchall()]


def _refuse_case_level_columns(warehouse: duckdb.DuckDBPyConnection) -> None:
    identifiers = {c.id for contract in load_contracts().values() for c in contract.columns if c.type == "identifier"}
    query = "select table_name, column_name from information_schema.columns where table_schema = 'published'"
    for table, column in warehouse.execute(query).fetchall():
        if column in identifiers | NEVER_PUBLISHED:
            raise CaseLevelColumn(f"{table}.{column}")
