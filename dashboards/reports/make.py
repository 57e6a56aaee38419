"""Orders → files in a folder; what stands there already, made of the same build by the same means, is not made again.

Here: which files a document has, and whether they are up to date. Not here: what stands in them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

from dashboards.data import Edition
from dashboards.reports.briefing import briefing
from dashboards.reports.context import Briefing, Document, MonthlyReport
from dashboards.reports.monthly import monthly_report
from dashboards.reports.open_data import open_data
from dashboards.reports.pictures import Gallery
from dashboards.reports.typeset import Typesetter
from dashboards.reports.word import briefing_docx, visit_record_docx
from dashboards.reports.workbook import workbook

PACKAGE = Path(__file__).resolve().parents[1]
TOOLS = ("typst", "vl-convert-python", "xlsxwriter", "docxtpl", "python-docx")


@dataclass(frozen=True)
class Order:
    """Which document of which edition; without a municipality the monthly report."""

    edition: Edition
    month: date
    municipality: str | None = None

    @property
    def name(self) -> str:
        """What its files are called."""
        what = f"briefing_{self.municipality}" if self.municipality else "monthly"
        return f"kasane_{what}_{self.month:%Y-%m}_{self.edition.audience}"

    @property
    def key(self) -> str:
        """Hash of all its bytes depend on: a build never changes, so its id stands for its figures."""
        told = f"{self.edition.build_id} {self.edition.origin} {self.name}\n".encode()
        return hashlib.sha256(told + _means()).hexdigest()

    def document(self) -> Document:
        """The context. Raises EditionError."""
        if self.municipality:
            return briefing(self.edition, self.municipality, self.month)
        return monthly_report(self.edition, self.month)


@dataclass(frozen=True)
class Made:
    """One document as it stands in the folder. `files`: path → SHA-256; `digest` is over them: the same, the same bytes."""

    name: str
    kind: str
    title_ja: str
    build_id: str
    audience: str
    month: str
    municipality_code: str | None
    files: dict[str, str]
    digest: str
    is_new: bool


class Workshop:
    """Makes documents in one folder; the compiler and the drawn charts are kept from one to the next."""

    def __init__(self, out: Path, charts: Path) -> None:
        self._out = out
        self._charts = charts

    @cached_property
    def _typesetter(self) -> Typesetter:
        return Typesetter(Gallery(self._charts))

    def standing(self, order: Order) -> Made | None:
        """The document as it was made before, if nothing it depends on and none of its files has changed since."""
        try:
            note = json.loads(self._note(order).read_text(encoding="utf-8"))
            same = note["key"] == order.key
            same = same and all(_hash(self._out / file) == sha for file, sha in note["made"]["files"].items())
            return Made(**note["made"] | {"is_new": False}) if same else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def make(self, order: Order) -> Made:
        """Write the files of the document. Raises EditionError, CannotTypeset, OSError."""
        document = order.document()
        files = self._write(document, order.name)
        made = Made(
            name=order.name,
            kind=document.kind,
            title_ja=f"{document.title_ja} {document.subject_ja}",
            build_id=document.stamp.build_id,
            audience=document.stamp.audience,
            month=f"{order.month:%Y-%m}",
            municipality_code=order.municipality,
            files=files,
            digest=hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest(),
            is_new=True,
        )
        note = {"key": order.key, "made": asdict(made)}
        _replace(self._note(order), json.dumps(note, ensure_ascii=False, indent=1).encode())
        return made

    def _write(self, document: Document, name: str) -> dict[str, str]:
        """File → hash of its bytes; each file is there whole or not at all."""
        context = (document.model_dump_json(indent=1) + "\n").encode()
        files = {f"{name}.json": context, f"{name}.pdf": self._typesetter.pdf(document)}
        if isinstance(document, MonthlyReport):
            files[f"{name}.xlsx"] = workbook(document)
            tables = open_data(document, name)
            files |= {f"{name}_open_data/{file}": content for file, content in tables.items()}
        if isinstance(document, Briefing):
            files[f"{name}.docx"] = briefing_docx(document, self._typesetter)
            files[f"{name}_record.docx"] = visit_record_docx(document)
        for file, content in files.items():
            _replace(self._out / file, content)
        return {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}

    def _note(self, order: Order) -> Path:
        return self._out / ".made" / f"{order.name}.json"


@cache
def _means() -> bytes:
    """What decides the bytes besides the build: our code and templates, and the tools."""
    sources = sorted(path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".typ", ".docx"})
    parts = [str(path.relative_to(PACKAGE)).encode() + path.read_bytes() for path in sources]
    return b"".join([*parts, *(f"{tool} {version(tool)}".encode() for tool in TOOLS)])


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".partial")
    beside.write_bytes(content)
    beside.replace(path)
