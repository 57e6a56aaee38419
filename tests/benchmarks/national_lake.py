"""A lake of any size, written straight as Parquet: what `make bench-warehouse` computes KPIs from.

Rows follow the contracts' columns and code lists; cases live through the ledgers of several months, are met by outreach and
come back; grants go through their stages; some files are missing, superseded, or carry rejected rows. Every KPI has something
to count. Not the simulator: nobody's world, no files as people send them, no truth.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from expectations.codes import load_code_lists
from expectations.contract import Column, Contract, load_contracts
from pipelines.intake.naming import period_label
from pipelines.resources import SUBMISSION_TYPES, BuildFacts, connect, lay_out_sources
from pipelines.settings import PROJECT_DIR, TIME_ZONE, Settings

REFERENCE = PROJECT_DIR / "data" / "reference"
PREFECTURE = "110001"
FIRST_YEAR = 2020  # months run from its April
CASE_MONTHS = 12  # a case stands in this many ledgers on average
STAGES = ("decision", "change", "advance", "final")
ROWS = {
    "meeting": 2, "outreach": 3, "participation": 3, "place": 2, "resource_need": 2, "goal": 3, "grant": 2 * len(STAGES),
}  # fmt: skip
"""Rows of a municipality and period in the forms that are not made to a given size; one where a form is not named."""

# Who is in the submissions: all but one in 40, one in 50 sent twice, one in 30 with a rejected row.
_SUBMISSIONS = """
create table submission as
with attempted as (
    select *, hash(form, sender_code, period) as luck from owed where hash(form, sender_code, period) % 40 <> 0
), attempt as (
    select *, luck % 30 = 2 as is_torn, unnest(if(luck % 50 = 1, [1, 2], [1])) as attempt from attempted
), told as (
    select *, attempt = max(attempt) over (partition by form, sender_code, period) as is_current from attempt
)
select
    sha256(form || sender_code || period || attempt) as submission_id,
    sender_code || '_' || form || '_' || period || '.csv' as file_name, sender_code, form, period,
    if(is_torn, 'accepted_with_errors', 'accepted') as status,
    100 as rows_total, if(is_torn, 99, 100) as rows_accepted, if(is_torn, 1, 0) as rows_rejected, 0 as warnings,
    period::timestamp + to_days(35 + attempt::integer) as received_at,
    row_number() over (order by period, sender_code, form, attempt) as arrival_order,
    true as stands, is_current, form = 'setup' or is_current as counts
from told
"""

_CASES = f"""
create table person as
select
    sender_code, cast(make_date({FIRST_YEAR - 2}, 4, 1) + to_months(begun::integer) as date) as accepted_ym,
    md5(sender_code || '-' || begun || '-' || number) as case_no,
    hash(sender_code, begun, number) % {2 * CASE_MONTHS - 1} as months, hash(number, begun, sender_code) as luck,
    if(luck % 9 = 0, md5(sender_code || '-' || begun - {CASE_MONTHS} || '-' || number), null) as reopened_from
from unnest($senders) as sender (sender_code), range($months + 24) as month (begun), range($a_month) as one (number)
"""


@dataclass(frozen=True)
class Size:
    """How large a lake: rows of consultation and case are of the whole of it."""

    municipalities: int
    months: int
    consultations: int
    cases: int

    def per_month(self, rows: int) -> int:
        """Rows of one municipality and month."""
        return max(1, round(rows / self.municipalities / self.months))


def make_lake(folder: Path, size: Size) -> None:
    """`folder/lake`, `folder/municipalities.csv`, `folder/submission.parquet`."""
    codes = _municipalities(folder / "municipalities.csv", size.municipalities)
    contracts = load_contracts()
    with duckdb.connect() as con:
        con.execute("set preserve_insertion_order = false")
        con.execute("create table owed (form varchar, sender_code varchar, period date)")
        for contract in contracts.values():
            con.execute(
                "insert into owed select $form, unnest($senders), period from unnest($periods::date[]) as month (period)",
                {
                    "form": contract.form,
                    "senders": codes if contract.sender == "municipality" else [PREFECTURE],
                    "periods": _periods(contract, size.months),
                },
            )
        con.execute(_SUBMISSIONS)
        con.execute(f"copy submission to '{folder / 'submission.parquet'}'")
        a_month = max(1, round(size.per_month(size.cases) / CASE_MONTHS))
        con.execute(_CASES, {"senders": codes, "months": size.months, "a_month": a_month})
        con.execute("create table municipality as select unnest($codes) as municipality_code", {"codes": codes})
        for contract in contracts.values():
            _write_form(con, contract, folder / "lake" / contract.form, size)


def lay_out(folder: Path, warehouse: Path, months: int) -> None:
    """A fresh warehouse over the lake of `folder`, laid out by the pipeline itself, as known after its first `months`."""
    own = folder / "municipalities.csv"
    others = [path for path in sorted(REFERENCE.glob("*.csv")) if path.name != own.name]
    until = _months(months)[-1]
    settings = Settings()
    build = BuildFacts(
        "bench", "synthetic", datetime(2026, 6, 1, tzinfo=TIME_ZONE), None, PREFECTURE, "全国",
        settings.monthly_deadline_day, settings.prefectural_share_rule,
    )  # fmt: skip
    lay_out_sources(
        warehouse, build=build, submissions=[], contracts=load_contracts(), lake_dir=folder / "lake",
        reference_files=[own, *others],
    )  # fmt: skip
    with connect(warehouse) as con:
        columns = ", ".join(SUBMISSION_TYPES)
        con.execute(
            f"insert into intake.submission by name select {columns} from '{folder / 'submission.parquet'}'"
            " where period <= ?",
            [until],
        )


def _write_form(con: duckdb.DuckDBPyConnection, contract: Contract, folder: Path, size: Size) -> None:
    """One Parquet file per period, as the intake writes them."""
    folder.mkdir(parents=True)
    rows = {"consultation": size.per_month(size.consultations)} | ROWS
    query = _case_rows(contract) if contract.form == "case" else _rows(contract, rows.get(contract.form, 1))
    for period in _periods(contract, size.months):
        path = folder / f"{period_label(period, contract.cadence)}.parquet"
        con.execute(f"copy ({query}) to '{path}' (compression zstd)", {"form": contract.form, "period": period})


def _rows(contract: Contract, count: int) -> str:
    """As many of each sender, and of each municipality in what the prefecture sends."""
    each, what = f"cross join range({count}) as one (number)", "one.number"
    if contract.sender == "prefecture":
        each, what = f"{each} cross join municipality", "one.number, municipality_code"
    columns = ", ".join(f"{_value(contract, column, what)} as {column.id}" for column in contract.columns)
    return f"""
        select submission.submission_id, row_number() over ()::integer as row_number, sender_code, period, {columns}
        from submission {each} where form = $form and period = $period
    """


def _case_rows(contract: Contract) -> str:
    """Every person of the sender who is under support in the month, as known then."""
    ends = "cast(one.accepted_ym + to_months(one.months::integer) as date)"
    own = {
        "case_no": "one.case_no",
        "accepted_ym": "one.accepted_ym",
        "planned_ym": "case when luck % 3 > 0 and one.accepted_ym + interval 2 month <= period"
        " then one.accepted_ym + interval 2 month end",
        "consent_status": "if(luck % 4 > 0, 'granted', 'not_yet')",
        "consent_ym": "if(luck % 4 > 0, one.accepted_ym, null)",
        "closed_ym": f"if(luck % 10 < 7 and {ends} = period, period, null)",
        "returned_ym": f"if(luck % 10 = 7 and {ends} = period, period, null)",
        "closure_type": f"if(luck % 10 < 7 and {ends} = period, 'C' || 1 + luck % 6, null)",
        "reopened_from": "one.reopened_from",
    }
    columns = ", ".join(
        f"cast({own.get(column.id) or _value(contract, column, 'one.case_no')} as {column.duckdb_type}) as {column.id}"
        for column in contract.columns
    )
    return f"""
        select submission.submission_id, row_number() over ()::integer as row_number, sender_code, period, {columns}
        from submission join person as one using (sender_code)
        where form = $form and period = $period and one.accepted_ym <= period and period <= {ends}
    """


def _value(contract: Contract, column: Column, what: str) -> str:
    """An expression of the column's lake type, different from row to row; dates that a status demands are always there."""
    luck = f"hash(hash(sender_code, period, {what}, '{column.id}'))"  # twice, or columns of a row would go together
    # A case of the sender, accepted as many months ago as the row's number.
    case_no = (
        f"md5(sender_code || '-' || datediff('month', date '{FIRST_YEAR - 2}-04-01', period) - one.number || '-0')"
    )
    given = {
        ("setup", "as_of"): "period",
        ("goal", "due_ym"): f"period + to_months(({luck} % 12)::integer)",
        ("dispatch", "visited_on"): "period",
        ("dispatch_action", "due_on"): f"period + to_days(({luck} % 120)::integer)",
        ("outreach", "case_no"): case_no,
        ("participation", "case_no"): case_no,
        ("participation", "matched_ym"): "period",
        ("resource_need", "resolved_ym"): "period",
        ("grant", "component"): _one_of(
            _code_list(column), f"hash(period, municipality_code, one.number // {len(STAGES)})"
        ),
        ("grant", "stage"): _one_of(STAGES, "one.number"),
        ("grant", "seq"): f"one.number // {len(STAGES)} + 1",
    }.get((contract.form, column.id))
    if given:
        return f"cast({given} as {column.duckdb_type})"
    codes = _code_list(column)
    value = {
        "identifier": f"md5('' || {luck})",
        "municipality": "municipality_code" if contract.sender == "prefecture" else "sender_code",
        "year_month": "period",
        "date": f"period + to_days(({luck} % {28 if contract.cadence == 'monthly' else 400})::integer)",
        "fiscal_year": "year(period)",
        "code": _one_of(codes, luck),
        "code_list": f"list_distinct([{', '.join(_one_of(codes, f'{luck} // {10**at}') for at in range(0, 9, 3))}])",
        "flag": f"{luck} % 4 = 0",
        "number": f"{luck} % 50",
        "integer": f"{luck} % 20",
        "yen": f"({luck} % 9000 + 1000) * 1000",
    }[column.type]
    optional = value if column.required else f"case when {luck} % 3 > 0 then {value} end"
    return f"cast({optional} as {column.duckdb_type})"


def _code_list(column: Column) -> list[str]:
    lists = load_code_lists(REFERENCE / "codes.csv", REFERENCE / "grant_components.csv")
    return [code.code for code in lists[column.code_list]] if column.code_list else []


def _one_of(codes: Sequence[str], luck: str) -> str:
    """An expression of the code that falls to a number."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return f"list_extract([{listed}], ({luck} % {max(1, len(codes))} + 1)::bigint)"


def _months(count: int) -> list[date]:
    return [date(FIRST_YEAR + (3 + at) // 12, (3 + at) % 12 + 1, 1) for at in range(count)]


def _periods(contract: Contract, months: int) -> list[date]:
    if contract.cadence == "monthly":
        return _months(months)
    return [date(FIRST_YEAR + at, 4, 1) for at in range((months + 11) // 12)]


def _municipalities(path: Path, count: int) -> list[str]:
    """The reference table of a nation: the prefecture's municipalities over and over, under codes and regions of their own."""
    with (REFERENCE / "municipalities.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    path.parent.mkdir(parents=True, exist_ok=True)
    codes = [f"{200_000 + at:06}" for at in range(count)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        for at, code in enumerate(codes):
            own = {"municipality_code": code, "lg_code5": code[:5], "name": f"市{at}", "region": f"地域{at % 47:02}"}
            writer.writerow(rows[at % len(rows)] | own)
    return codes
