"""What differs between two builds: which cells of the KPIs, and which submissions only one of them counted.

Reads published internal files and the manifest, never writes. Cells need the files of both builds; the submissions are known
for every build on record, also after its files were pruned.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from pipelines.builds import UnknownBuild, read_build_manifest
from pipelines.intake.manifest import Manifest
from pipelines.intake.submissions import Submission
from pipelines.listing import print_rows, submission_row
from pipelines.resources import connect
from pipelines.settings import Settings

INPUT_LABELS = {"settings": "設定", "reference": "参照表", "rules": "算式・様式の定義・プログラム"}
"""What a build stands on besides the submissions (`builds.input_digests`)."""

_STATED = ("numerator", "denominator", "value", "completeness", "mark")

_CELL_COLUMNS = (
    "kpi_id", "period", "area_level", "area_code", "dimension", "member",
    *(f"{side}_{name}" for name in _STATED for side in ("before", "after")), "caused_by",
)  # fmt: skip

_CHANGED_CELLS = f"""
with before as (
    select * from main.kpi_monthly_by union all by name select * from main.kpi_monthly
), after as (
    select * from later.kpi_monthly_by union all by name select * from later.kpi_monthly
)
select
    kpi_id, period, area_level, area_code, dimension, member,
    {", ".join(f"before.{name} as before_{name}, after.{name} as after_{name}" for name in _STATED)}
from (select * replace (coalesce(dimension, '') as dimension, coalesce(member, '') as member) from before) as before
full join (select * replace (coalesce(dimension, '') as dimension, coalesce(member, '') as member) from after) as after
    using (kpi_id, period, area_level, area_code, dimension, member)
where {" or ".join(f"before.{name} is distinct from after.{name}" for name in _STATED)}
order by kpi_id, period, area_level, area_code, dimension, member
"""

_REACH = """
select distinct kpi_id, unnest(forms) as form from {db}.kpi_catalogue
"""

_AREAS = """
select area_code, municipality_code from {db}.dim_municipality
cross join unnest([municipality_code, region_code, (select prefecture_code from {db}.build)]) as area (area_code)
"""


@dataclass(frozen=True)
class BuildDiff:
    """`cells` is None when the files of one of the builds are gone; `submissions` when one left no record of them.

    A cell's `caused_by` names the files, of those that only one build counted, that the KPI of that area reads.
    `other_inputs` are the keys of INPUT_LABELS that differ; None when a build's files do not tell.
    """

    cells: list[dict[str, Any]] | None
    submissions: list[dict[str, Any]] | None
    other_inputs: list[str] | None

    @property
    def unexplained(self) -> int:
        """Changed cells that no submission explains: other reference tables or rules, or a month new in the grid."""
        return 0 if self.submissions is None else sum(not cell["caused_by"] for cell in self.cells or ())


def diff_builds(settings: Settings, before: str, after: str) -> BuildDiff:
    """Compare two builds. Raises UnknownBuild for one that is neither published nor on record."""
    folders = [settings.published_dir / build for build in (before, after)]
    published = all((folder / "manifest.json").is_file() for folder in folders)
    with Manifest.reading(settings.manifest_db) as manifest:
        on_record = {build.build_id for build in manifest.builds()}
        for build, folder in zip((before, after), folders, strict=True):
            if build not in on_record and not (folder / "manifest.json").is_file():
                raise UnknownBuild(build)
        counted = [manifest.counted_by(build) for build in (before, after)]
        purged = manifest.purged()
    changes = None if None in counted else _changes(counted[0] or [], counted[1] or [], purged)
    if not published:
        return BuildDiff(None, changes, None)
    cells = [] if before == after else _changed_cells(folders[0], folders[1], changes or [], settings.prefecture_code)
    return BuildDiff(cells, changes, _other_inputs(settings, before, after))


def _changes(before: Sequence[Submission], after: Sequence[Submission], purged: frozenset[str]) -> list[dict[str, Any]]:
    """One row a submission that only one of the builds counted, in order of arrival."""
    ids = [{one.submission_id for one in counted} for counted in (before, after)]
    removed = [one for one in before if one.submission_id not in ids[1]]
    added = [one for one in after if one.submission_id not in ids[0]]
    threes = [{one.three for one in counted} for counted in (removed, added)]
    rows = [(one, "外れた", _why_removed(one, threes[1], purged)) for one in removed]
    rows += [(one, "加わった", "差し替え" if one.three in threes[0] else "新着") for one in added]
    listed = ("file", "municipality_code", "form", "period", "status", "received_at")
    return [
        {"change": change, "reason": reason} | {name: row[name] for name in listed}
        for one, change, reason in sorted(rows, key=lambda row: row[0].arrival)
        for row in [submission_row(one)]
    ]


def _why_removed(one: Submission, replaced: set[tuple[Any, ...]], purged: frozenset[str]) -> str:
    if one.submission_id in purged:
        return "消去"
    if one.withdrawn_at is not None:
        return "取り下げ"
    return "差し替え" if one.three in replaced else "未着"  # not there yet: the second build is a replay


def _changed_cells(
    before: Path, after: Path, changes: Sequence[Mapping[str, Any]], prefecture: str
) -> list[dict[str, Any]]:
    with connect(before / "internal.duckdb", read_only=True) as con:
        later = str(after / "internal.duckdb").replace("'", "''")
        con.execute(f"attach '{later}' as later (read_only)")
        rows = con.execute(_CHANGED_CELLS)
        names = [column[0] for column in rows.description or ()]
        cells = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        reads: dict[str, set[str]] = {}
        senders: dict[str, set[str]] = {}
        for database in ("main", "later"):
            for kpi, form in con.execute(_REACH.format(db=database)).fetchall():
                # Which forms are expected of whom, and so how complete a figure is, follows from the set-up.
                reads.setdefault(kpi, {"setup"}).add(form)
            for area, municipality in con.execute(_AREAS.format(db=database)).fetchall():
                senders.setdefault(area, {prefecture}).add(municipality)

    @cache
    def caused_by(kpi: str, area: str) -> list[str]:
        return [
            change["file"]
            for change in changes
            if change["form"] in reads[kpi] and change["municipality_code"] in senders[area]
        ]

    for cell in cells:
        cell["period"] = cell["period"].isoformat()
        cell["caused_by"] = caused_by(cell["kpi_id"], cell["area_code"])
    return cells


def _other_inputs(settings: Settings, before: str, after: str) -> list[str] | None:
    told: list[Any] = [read_build_manifest(settings, build).get("inputs") for build in (before, after)]
    if not all(told):
        return None  # a build older than this record
    return [name for name in INPUT_LABELS if told[0][name] != told[1][name]]


def print_diff(diff: BuildDiff, form: str, stream: TextIO) -> None:
    """Print a diff: `json` all of it, `csv` the cells (a row each, with the files that caused it), `table` to be read."""
    if form == "json":
        json.dump(asdict(diff) | {"unexplained": diff.unexplained}, stream, ensure_ascii=False, indent=2)
        stream.write("\n")
    elif form == "csv":
        rows = [cell | {"caused_by": ";".join(cell["caused_by"])} for cell in diff.cells or ()]
        print_rows(rows, form, stream, columns=_CELL_COLUMNS)
    else:
        _print_to_be_read(diff, stream)


def _print_to_be_read(diff: BuildDiff, stream: TextIO) -> None:
    if diff.cells is None:
        stream.write("変わった升目: 版のファイルが残っていないため、比べられません。\n")
    else:
        shown = [_readable(cell) for cell in diff.cells if not cell["dimension"]]
        stream.write(f"変わった升目: 指標 {len(shown):,} 件、内訳 {len(diff.cells) - len(shown):,} 件\n")
        if shown:
            print_rows(shown, "table", stream)
    if diff.submissions is None:
        stream.write("\n一方だけが数えた提出: 記録がない版なので、分かりません。\n")
    else:
        stream.write(f"\n一方だけが数えた提出: {len(diff.submissions):,} 件\n")
        if diff.submissions:
            print_rows(diff.submissions, "table", stream)
    for name in diff.other_inputs or ():
        stream.write(f"\n{INPUT_LABELS[name]}も違います。\n")
    if diff.unexplained:
        stream.write(
            f"\n提出の違いでは説明できない升目: {diff.unexplained:,} 件"
            "(参照表や算式の違い、または表に加わった・表から外れた月)\n"
        )


def _readable(cell: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "指標": cell["kpi_id"],
        "地域": cell["area_code"],
        "月": cell["period"][:7],
        "前": _figure(cell, "before"),
        "後": _figure(cell, "after"),
        "もとの提出": f"{len(cell['caused_by']):,} 件",
    }


def _figure(cell: Mapping[str, Any], side: str) -> str:
    """The figure as numerator or numerator/denominator, its mark, or nothing where that build has no such cell."""
    numerator, denominator = cell[f"{side}_numerator"], cell[f"{side}_denominator"]
    if numerator is None:
        figure = cell[f"{side}_mark"] or ""
    else:
        figure = f"{numerator:,}" if denominator is None else f"{numerator:,}/{denominator:,}"
    return f"{figure} {cell[f'{side}_completeness'] or '(なし)'}".strip()
