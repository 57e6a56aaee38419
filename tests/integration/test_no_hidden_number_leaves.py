"""A number that nobody else has, and that is hidden: looked for in every file that leaves, in every page and every chart.

The internal edition shows it. It must be found there in every kind of place that is read, or reading that kind proves nothing.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pypdf
import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboards import data, exports
from dashboards.app_pages import GROUPS
from dashboards.components.canvas import Canvas
from dashboards.parts.figure import Figure
from dashboards.reports.make import Order, Workshop
from dashboards.tables import Table
from pipelines.builds import current_build_id
from pipelines.disclosure.counts import numbers_of
from pipelines.disclosure.thresholds import AUDIENCES, PROTECTED_AUDIENCES
from pipelines.protected_files import protect
from pipelines.publish import export_kpis, publish
from pipelines.settings import Settings
from tests.dashboards.conftest import APP, html_of

PLANTED = 7_000_003
WRITTEN = re.compile("7,?000,?003")
# A municipality with a flow of support: its briefing shows the number in a table and in a picture.
TOWN = "select min(area_code) from published.support_flow where area_level = 'municipality' and cases > 0"
OF_PREFECTURE = (
    "kpi_id = 'gap_needs' and area_level = 'prefecture' and period = (select data_month from published.build)"
)
PLACES = {
    "kpi_monthly": (OF_PREFECTURE, f"kpi_id = 'new_consultations' and area_code = ({TOWN}) and numerator is not null"),
    "kpi_monthly_by": (OF_PREFECTURE,),
    "support_flow": (f"area_code = ({TOWN}) and cases > 0",),
}
"""Table → which rows; the last of each gets the number. The municipality's are told in its Word file, and drawn."""


@dataclass(frozen=True)
class Planted:
    """A home whose published build holds the number, and the municipality that is briefed."""

    settings: Settings
    town: str


@dataclass(frozen=True)
class Scan:
    """The kinds of places that were read, and where the number stands: `kind:place`."""

    kinds: set[str]
    found: list[str]


@pytest.fixture
def planted(small_home: Settings) -> Planted:
    """The small home with the number in it, under a threshold that hides every count."""
    shutil.rmtree(small_home.published_dir / str(current_build_id(small_home)))
    rules = [f"{audience},0,,100000000,2023-04-01,,test,own" for audience in PROTECTED_AUDIENCES]
    header = "audience,population_from,population_to,threshold,valid_from,valid_to,source,verified"
    reference = small_home.root / "reference" / "disclosure_thresholds.csv"
    reference.write_text("\n".join([header, *rules]) + "\n", encoding="utf-8")
    with duckdb.connect(str(small_home.warehouse_db)) as con:
        for table, places in PLACES.items():
            told = [column for column in numbers_of(table) if column != "denominator"]
            for place in places:
                con.execute(
                    f"update published.{table} set {', '.join(f'{column} = {PLANTED}' for column in told)}"
                    f" where rowid = (select max(rowid) from published.{table} where {place})"
                )
        (town,) = con.execute(TOWN).fetchall()[0]
    protect(small_home)
    publish(small_home, {})
    return Planted(small_home, town)


def test_a_hidden_number_is_nowhere(planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scans = {audience: scan(planted, audience, tmp_path, monkeypatch) for audience in AUDIENCES}
    whole = scans["internal"]
    assert whole.kinds == {"cell", "csv", "xlsx", "docx", "pdf", "svg", "json", "page", "chart", "chart csv"}
    assert {place.partition(":")[0] for place in whole.found} == whole.kinds, "read, but the number would not be seen"
    for audience in PROTECTED_AUDIENCES:
        assert scans[audience] == Scan(whole.kinds, []), audience


def scan(planted: Planted, audience: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Scan:
    """Read everything that an audience gets."""
    build = str(current_build_id(planted.settings))
    texts = [
        *cells(planted.settings.published_dir / build / f"{audience}.duckdb"),
        *exported(planted.settings, build, audience, folder),
        *documents(planted, audience, folder / audience),
        *pages(planted.settings, audience, monkeypatch),
    ]
    kinds = {place.partition(":")[0] for place, _ in texts}
    return Scan(kinds, [place for place, text in texts if WRITTEN.search(text)])


def cells(path: Path) -> Iterator[tuple[str, str]]:
    """Every column of every table, and the file as it is."""
    with duckdb.connect(str(path), read_only=True) as con:
        for table, column in con.execute(
            "select table_name, column_name from duckdb_columns() where not internal"
        ).fetchall():
            query = f"select string_agg(cast({column} as varchar), ' ') from {table}"
            yield f"cell:{table}.{column}", con.execute(query).fetchall()[0][0] or ""


def exported(settings: Settings, build: str, audience: str, folder: Path) -> Iterator[tuple[str, str]]:
    for by in (False, True):
        out = folder / f"{audience}-{by}.csv"
        export_kpis(settings, build=build, audience=audience, by=by, out=out)
        yield f"csv:{out.name}", out.read_text(encoding="utf-8")


def documents(planted: Planted, audience: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Every file of the monthly report and of one briefing, and every picture drawn for them."""
    edition = data.current_edition(audience, planted.settings.root)
    with duckdb.connect(str(edition.path), read_only=True) as con:
        (month,) = con.execute("select data_month from build").fetchall()[0]
    workshop = Workshop(folder / "out", folder / "charts")
    for order in (Order(edition, month), Order(edition, month, planted.town)):
        workshop.make(order)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        kind = path.suffix.removeprefix(".")
        yield f"{kind}:{path.name}", text_of(path.name, path.read_bytes())


def text_of(name: str, content: bytes) -> str:
    """What a file says, whatever it is packed in.

    Of a picture in dots (PNG, in the Word file) that is what stands beside the dots: which digits the dots make nobody can look
    up, but they are drawn from an SVG of the same document, or from the spec of a chart on a page, and those are read.
    """
    if name.endswith(".pdf"):
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    if zipfile.is_zipfile(io.BytesIO(content)):  # xlsx, docx, zip
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(text_of(inner, packed.read(inner)) for inner in packed.namelist())
    return content.decode("latin-1")  # digits are the same in whatever it is


def pages(settings: Settings, audience: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """Every page's markup, and every chart on it as the browser and its files get it."""
    drawn: list[Figure] = []
    draw = Canvas.figure

    def record(canvas: Canvas, figure: Any, **how: Any) -> None:
        drawn.extend([figure] if isinstance(figure, Figure) else [])
        draw(canvas, figure, **how)

    monkeypatch.setenv("KASANE_HOME", str(settings.root))
    monkeypatch.setenv("KASANE_AUDIENCE", audience)
    config.set_option("server.address", "127.0.0.1")
    with monkeypatch.context() as watched:
        watched.setattr(Canvas, "figure", record)
        page = AppTest.from_file(str(APP), default_timeout=60).run()
        for modules in GROUPS.values():
            for name in (module.__name__.rpartition(".")[2] for module in modules):
                page._page_hash = calc_hash("" if name == "progress" else name)
                page.run()
                assert not page.exception, name
                yield f"page:{name}", html_of(page)
    for figure in drawn:
        for spec in (figure.spec, figure.screen_spec):
            yield f"chart:{figure.name}", json.dumps(spec, ensure_ascii=False, default=str)
        yield f"chart csv:{figure.name}", csv_of(figure.table)


def csv_of(table: Table) -> str:
    return exports.table_csv(table).decode("utf-8-sig")
