"""Documents on request, as bytes: for a page that offers them. Nothing is filed and nothing is on record."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from functools import cache
from pathlib import Path
from threading import Lock

from dashboards.data import Edition, edition_of_build
from dashboards.reports.briefing import briefing
from dashboards.reports.make import Order
from dashboards.reports.monthly import monthly_report
from dashboards.reports.open_data import open_data
from dashboards.reports.pictures import Gallery
from dashboards.reports.typeset import Typesetter
from dashboards.reports.word import briefing_docx
from dashboards.reports.workbook import workbook

_ONE_AT_A_TIME = Lock()  # one compiler serves all sessions


def report_pdf(edition: Edition, month: date) -> bytes:
    """The monthly report to print."""
    return _pdf(Order(edition, month))


def report_xlsx(edition: Edition, month: date) -> bytes:
    """Its tables as a workbook."""
    return workbook(monthly_report(edition, month))


def report_open_data(edition: Edition, month: date) -> bytes:
    """Its tables as open data, in one archive."""
    files = open_data(monthly_report(edition, month), Order(edition, month).name)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def for_adviser(edition: Edition) -> Edition:
    """The edition a briefing is made of: the prefecture's staff hand it to an adviser, so not of what only they may see."""
    return edition_of_build(edition.build_id, "adviser", edition.home) if edition.audience == "internal" else edition


def briefing_pdf(edition: Edition, month: date, code: str) -> bytes:
    """The briefing on a municipality, two pages."""
    return _pdf(Order(edition, month, code))


def briefing_word(edition: Edition, month: date, code: str) -> bytes:
    """The same to be edited."""
    document = briefing(edition, code, month)
    with _ONE_AT_A_TIME:
        return briefing_docx(document, _typesetter(edition.home))


def _pdf(order: Order) -> bytes:
    document = order.document()
    with _ONE_AT_A_TIME:
        return _typesetter(order.edition.home).pdf(document)


@cache
def _typesetter(home: Path) -> Typesetter:
    return Typesetter(Gallery(home / "work" / "charts"))
