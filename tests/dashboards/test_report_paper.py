"""Documents on paper: accessible, in our type, two pages a briefing, the same bytes from any process."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest

from dashboards import data
from dashboards.reports.context import Picture
from dashboards.reports.make import Order, Workshop
from dashboards.reports.monthly import monthly_report
from dashboards.reports.pictures import Gallery
from dashboards.reports.typeset import CannotTypeset, Typesetter
from tests.dashboards.report_shelf import AUDIENCES, KAWAGOE, MONTH, Shelf, hollow, text_of
from tests.dashboards.sample_kpis import NO_CONSULTATION_FILE, WITHOUT_REPORT


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE, WITHOUT_REPORT])
def test_a_pdf_is_accessible(shelf: Shelf, name: str) -> None:
    reader, context = shelf.pdf(name), shelf.context(name)
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "ja-JP" and root["/MarkInfo"]["/Marked"].value and "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
    assert reader.metadata is not None and reader.metadata.title == f"{context['title_ja']} {context['subject_ja']}"
    assert re.search(r"pdfuaid:part[>=]\"?1", root["/Metadata"].get_data().decode("utf-8"))
    bookmarks = [entry.title for entry in _flat(reader.outline)]
    assert len(bookmarks) > len(context["sections"])
    assert [part["title_ja"] for part in context["sections"] if part["title_ja"] not in bookmarks] == []
    alts = set(_alternatives(root["/StructTreeRoot"]))
    assert {picture["alt"] for part in context["sections"] for picture in part["pictures"]} <= alts


def _flat(outline: list[Any]) -> list[Any]:
    return [entry for one in outline for entry in (_flat(one) if isinstance(one, list) else [one])]


def _alternatives(node: Any) -> list[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [text for kid in node for text in _alternatives(kid)]
    if not isinstance(node, dict):
        return []
    return [*([str(node["/Alt"])] if "/Alt" in node else []), *_alternatives(node.get("/K", []))]


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE])
def test_a_pdf_embeds_our_font_and_no_other(shelf: Shelf, name: str) -> None:
    fonts: dict[str, bool] = {}
    for page in shelf.pdf(name).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            fonts[str(descriptor["/FontName"])] = "/FontFile3" in descriptor
    assert fonts and all(fonts.values())
    assert {name.partition("+")[2] for name in fonts} == {"NotoSansCJKjp-Regular", "NotoSansCJKjp-Bold"}


def test_a_chart_without_words_makes_no_document(shelf: Shelf, sample_home: Path) -> None:
    with pytest.raises(ValueError, match="without a figure"):
        Picture(id="path", spec={}, alt="推移の図")
    whole = monthly_report(data.current_edition("internal", sample_home), MONTH)
    part = next(part for part in whole.sections if part.pictures)
    silent = Picture.model_construct(**dict(part.pictures[0]) | {"alt": None})
    broken = whole.model_copy(update={"sections": (part.model_copy(update={"pictures": (silent,)}),)})
    with pytest.raises(CannotTypeset, match="alt"):
        Typesetter(Gallery(shelf.charts)).pdf(broken)


@pytest.mark.parametrize("name", [*AUDIENCES, KAWAGOE])
def test_every_page_says_synthetic_edition_and_build(shelf: Shelf, name: str) -> None:
    stamp = shelf.context(name)["stamp"]
    for page in shelf.pdf(name).pages:
        text = page.extract_text()
        assert "合成データ" in text and stamp["build_id"] in text and f"{stamp['audience_ja']}版" in text
    assert stamp["suppression_ja"] in text_of(shelf.pdf(name)).replace("\n", "")


def test_real_figures_are_not_called_synthetic(sample_home: Path, shelf: Shelf, tmp_path: Path) -> None:
    home = hollow(sample_home, tmp_path, lambda con: con.execute("update build set origin = 'real'"))
    made = Workshop(tmp_path / "out", shelf.charts).make(Order(data.current_edition("adviser", home), MONTH))
    files = [name for name in made.files if not name.endswith((".pdf", ".xlsx"))]
    assert "合成".encode() not in b"".join((tmp_path / "out" / name).read_bytes() for name in files)
    assert "合成" not in text_of(pypdf.PdfReader(tmp_path / "out" / f"{made.name}.pdf"))


def test_another_process_makes_the_same_bytes(shelf: Shelf, sample_home: Path, tmp_path: Path) -> None:
    for name, what in (("public", ["monthly"]), (KAWAGOE, ["briefing", "--municipality", KAWAGOE])):
        audience = "adviser" if name == KAWAGOE else name
        command = [
            sys.executable,
            "-m",
            "dashboards.reports",
            *what,
            "--home",
            str(sample_home),
            "--out",
            str(tmp_path),
        ]
        command += ["--month", "2024-05", "--audience", audience, "--charts", str(tmp_path / "charts")]
        environment = os.environ | {"TZ": "America/New_York", "PYTHONHASHSEED": "1", "LANG": "C"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        *progress, last = (json.loads(line) for line in done.stdout.splitlines())
        assert progress == [{"done": 1, "total": 1}]
        document = last["documents"][0]
        assert document["files"] == shelf.made[name].files and document["digest"] == shelf.made[name].digest
        for file, sha in document["files"].items():
            assert hashlib.sha256((tmp_path / file).read_bytes()).hexdigest() == sha


def test_what_stands_is_not_made_again(shelf: Shelf, sample_home: Path, tmp_path: Path) -> None:
    shutil.copytree(shelf.folder, tmp_path / "out")
    workshop = Workshop(tmp_path / "out", shelf.charts)
    order = Order(data.current_edition("adviser", sample_home), MONTH, KAWAGOE)
    standing = workshop.standing(order)
    assert standing is not None and not standing.is_new and standing.digest == shelf.made[KAWAGOE].digest
    (tmp_path / "out" / f"{order.name}.docx").write_bytes(b"edited by hand")
    assert workshop.standing(order) is None
    other = Order(data.current_edition("adviser", sample_home), date(2024, 4, 1), KAWAGOE)
    assert workshop.standing(other) is None


def test_a_briefing_is_two_pages(shelf: Shelf) -> None:
    assert [len(shelf.pdf(code).pages) for code in (KAWAGOE, WITHOUT_REPORT, NO_CONSULTATION_FILE)] == [2, 2, 2]
