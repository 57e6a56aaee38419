"""THE door: the only module that opens a published file.

Here: finding the edition in force, and one typed function per question a page or report asks. Every answer is a
pandas frame with the columns its docstring names. Keyed by (build, audience): a new build is a new key, nothing is ever
invalidated.
Not here: Streamlit (reports use this module too), formatting, chart grammar.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from dashboards.access import AUDIENCES

SETUP_KPI = "window_rate"


class EditionError(Exception):
    """There is no edition to show; the message is a Japanese sentence for the person at the screen."""


@dataclass(frozen=True)
class Edition:
    """One published file: a build as one audience may see it. Hashable: the key of every cache."""

    build_id: str
    audience: str
    path: Path
    published_at: datetime
    origin: str
    data_month: date
    prefecture_code: str
    prefecture_name: str
    suppression_ja: str

    @property
    def is_synthetic(self) -> bool:
        """True when no figure of this edition is real."""
        return self.origin == "synthetic"


def current_edition(audience: str, home: Path) -> Edition:
    """The edition in force for `audience`. Read it once per rerun and pass it down: no page straddles two builds.

    Raises EditionError: no build published yet, CURRENT.json unreadable, or no file for this audience.
    """
    pointer = home / "published" / "CURRENT.json"
    try:
        current = json.loads(pointer.read_text(encoding="utf-8"))
        build_id, published_at = current["build_id"], current["published_at"]
    except FileNotFoundError:
        raise EditionError(
            "公開された集計がまだありません。提出ファイルを取り込み(kasane run)、集計が終わると、ここに表示されます。"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise EditionError(
            "公開中の版を示すファイル CURRENT.json を読めません。kasane doctor で点検してください。"
        ) from None
    return _edition(pointer.parent / build_id / f"{audience}.duckdb", audience, published_at)


def edition_of_build(build_id: str, audience: str, home: Path) -> Edition:
    """A named build as one audience may see it, in force or not. Raises EditionError."""
    manifest = home / "published" / build_id / "manifest.json"
    try:
        published_at = json.loads(manifest.read_text(encoding="utf-8"))["published_at"]
    except FileNotFoundError:
        raise EditionError(f"版 {build_id} はありません。kasane builds で確かめてください。") from None
    return _edition(manifest.parent / f"{audience}.duckdb", audience, published_at)


@lru_cache(maxsize=8)
def _edition(path: Path, audience: str, published_at: str) -> Edition:
    if not path.is_file():
        raise EditionError(
            f"「{AUDIENCES[audience]}」向けの集計ファイルがこの版にありません。"
            "kasane run でもう一度公開するか、kasane rollback で前の版に戻してください。"
        )
    build = _cursor(path).execute("select * from build").df().iloc[0]
    return Edition(
        build_id=str(build["build_id"]),
        audience=audience,
        path=path,
        published_at=datetime.fromisoformat(published_at),
        origin=str(build["origin"]),
        data_month=pd.Timestamp(build["data_month"]).date(),
        prefecture_code=str(build["prefecture_code"]),
        prefecture_name=str(build["prefecture_name"]),
        suppression_ja=str(build["suppression_ja"] or ""),
    )


@lru_cache(maxsize=6)
def _connection(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection that can reach this one file and nothing else."""
    connection = duckdb.connect()
    connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as published (read_only)")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _cursor(path: Path) -> duckdb.DuckDBPyConnection:
    # One per query (connections are not shared between threads); a cursor starts in the empty in-memory catalogue.
    return _connection(path).cursor().execute("use published")


@lru_cache(maxsize=256)
def _answer(edition: Edition, sql: str, parameters: tuple[Any, ...]) -> pd.DataFrame:
    # Tuples are the hashable form of a list parameter.
    values = [list(value) if isinstance(value, tuple) else value for value in parameters]
    return _cursor(edition.path).execute(sql, values).df()


def ask(edition: Edition, sql: str, *parameters: Any) -> pd.DataFrame:
    """The answer to one question, read only; a tuple is a list parameter. For query modules (here, reports) only."""
    # A shallow copy: pandas copies on write, so a caller cannot alter what the cache holds.
    return _answer(edition, sql, parameters).copy(deep=False)


def months(edition: Edition) -> pd.DataFrame:
    """1 row = one month, newest first: period, label_ja, fiscal_year, fiscal_year_label_ja."""
    return ask(
        edition, "select period, label_ja, fiscal_year, fiscal_year_label_ja from dim_month order by period desc"
    )


def catalogue(edition: Edition, kpi_ids: Sequence[str]) -> pd.DataFrame:
    """1 row = one of `kpi_ids` this edition has, in the order asked: kpi_id, label_ja, kind, unit."""
    return ask(
        edition,
        """
        select kpi_id, label_ja, kind, unit from kpi_catalogue
        where list_contains($1::varchar[], kpi_id) order by list_position($1::varchar[], kpi_id)
        """,
        tuple(kpi_ids),
    )


def kpi_history(edition: Edition, kpi_id: str, area_level: str) -> pd.DataFrame:
    """1 row = area × month of one KPI: area_code, period, numerator, denominator (Int64), value, completeness,
    submitted_areas, expected_areas, mark. Numbers are null where mark is not."""
    frame = ask(
        edition,
        """
        select area_code, period, numerator, denominator, value, completeness, submitted_areas, expected_areas, mark
        from kpi_monthly where kpi_id = $1 and area_level = $2 order by period, area_code
        """,
        kpi_id,
        area_level,
    )
    return _counted(frame)


def kpi_month(edition: Edition, period: date, kpi_ids: Sequence[str]) -> pd.DataFrame:
    """1 row = municipality × KPI of one month, by municipality then in the order of `kpi_ids`.

    Columns: area_code, area_label_ja, region_label_ja, kpi_id, kpi_label_ja, kind, unit, period, numerator, denominator
    (Int64), value, mark, completeness.
    """
    frame = ask(
        edition,
        """
        select k.area_code, m.name as area_label_ja, r.label_ja as region_label_ja, k.kpi_id,
            c.label_ja as kpi_label_ja, c.kind, c.unit, k.period, k.numerator, k.denominator, k.value, k.mark, k.completeness
        from kpi_monthly as k
        join kpi_catalogue as c using (kpi_id)
        join dim_municipality as m on m.municipality_code = k.area_code
        left join dim_area as r on r.area_level = 'region' and r.area_code = m.region_code
        where k.area_level = 'municipality' and k.period = $1 and list_contains($2::varchar[], k.kpi_id)
        order by k.area_code, list_position($2::varchar[], k.kpi_id)
        """,
        period,
        tuple(kpi_ids),
    )
    return _counted(frame)


def tiles(edition: Edition) -> pd.DataFrame:
    """1 row = one municipality: area_code, name, tile_label, tile_col, tile_row."""
    return ask(
        edition,
        """
        select municipality_code as area_code, name, tile_label, tile_col, tile_row
        from dim_municipality order by municipality_code
        """,
    )


def without_window(edition: Edition, period: date) -> pd.DataFrame:
    """1 row = one municipality with neither window nor team at the end of the month.

    Columns: area_code, area_label_ja, region_label_ja, known (False: no report has ever come), as_of (date of its newest
    report), status_label_ja.
    """
    return ask(
        edition,
        """
        with newest as (
            select municipality_code, as_of, implementation_status from setup_history
            where as_of <= last_day($1::date)
            qualify row_number() over (partition by municipality_code order by as_of desc) = 1
        )
        select k.area_code, m.name as area_label_ja, r.label_ja as region_label_ja,
            newest.as_of is not null as known, newest.as_of, l.label_ja as status_label_ja
        from kpi_monthly as k
        join dim_municipality as m on m.municipality_code = k.area_code
        left join dim_area as r on r.area_level = 'region' and r.area_code = m.region_code
        left join newest on newest.municipality_code = k.area_code
        left join code_label as l on l.code_list = 'implementation_status' and l.code = newest.implementation_status
        where k.kpi_id = $2 and k.area_level = 'municipality' and k.period = $1 and k.numerator = 0
        order by k.area_code
        """,
        period,
        SETUP_KPI,
    )


def published_figures(edition: Edition, figure: str, area: str) -> pd.DataFrame:
    """1 row = one printed figure, oldest first: as_of (ISO date or FY<year>), value, unit, status, source."""
    return ask(
        edition,
        """
        select as_of, value, unit, status, source from published_figure
        where figure = $1 and area = $2 order by as_of
        """,
        figure,
        area,
    )


def _counted(frame: pd.DataFrame) -> pd.DataFrame:
    # DuckDB hands a nullable BIGINT over as float; a count of yen must stay an integer.
    return frame.astype({"numerator": "Int64", "denominator": "Int64"})
