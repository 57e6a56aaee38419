"""Where a published figure comes from: its parts, its formula, the models it went through, the submissions behind it.

Reads the build in force, the manifest and the lake, and writes nothing. Rows are counted, never shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from expectations.contract import Contract, load_contracts
from pipelines.builds import current_build_id
from pipelines.intake.manifest import Manifest
from pipelines.intake.submissions import Submission
from pipelines.lineage import Lineage, Step
from pipelines.listing import print_rows, submission_row
from pipelines.publish import published_rows
from pipelines.resources import connect
from pipelines.settings import Settings

COMPLETENESS_JA = {"complete": "揃っている", "partial": "一部", "missing": "未提出", "not_applicable": "対象外"}
MARK_JA = {"…": "未提出", "-": "対象外または値がない"}


class CannotExplain(LookupError):
    """There is no such figure; the message is in Japanese, for the person at the keyboard."""


@dataclass(frozen=True)
class Explanation:
    """A figure and what it is made of. `parts` are the municipalities of a region or prefecture.

    A submission's `rows` are those that bear on the figure: of the month itself all rows about the area, of a history only
    rows that are still the newest of their key.
    """

    build_id: str
    figure: dict[str, Any]
    parts: list[dict[str, Any]]
    chain: list[Step]
    submissions: list[dict[str, Any]] | None


def explain(
    settings: Settings, kpi: str, *, area: str, month: date, dimension: str | None = None, member: str | None = None
) -> Explanation:
    """Explain one cell of the build in force. Raises CannotExplain."""
    build = current_build_id(settings)
    if build is None:
        raise CannotExplain("公開された版がまだありません。`kasane run` を実行してください。")
    figure = _figure(settings, build, kpi, area, month, dimension, member)
    towns = published_rows(settings, build, _TOWNS, [area, area, area])
    parts = [] if figure["area_level"] == "municipality" else _parts(settings, build, figure, month)
    lineage = Lineage(settings)
    with Manifest.reading(settings.manifest_db) as manifest:
        counted = manifest.counted_by(build)
    behind = None
    if counted is not None:
        forms = lineage.forms(kpi) | set(figure["forms"])
        behind = _behind(settings, counted, forms, lineage.histories(kpi), [town for (town,) in towns], month)
    return Explanation(build, figure, parts, lineage.chain(kpi), behind)


_TOWNS = """
    select municipality_code from dim_municipality
    where ? in (municipality_code, region_code) or ? = (select prefecture_code from build)
    order by ? = municipality_code desc, municipality_code
"""

_CELL = """
    select
        c.kpi_id, k.label_ja, k.unit, k.per, k.formula_ja, k.forms, c.area_level, c.area_code, a.label_ja as area_ja,
        strftime(c.period, '%Y-%m') as month, c.dimension, c.member, c.numerator, c.denominator, c.value, c.completeness, c.mark
    from (select *, null as dimension, null as member from kpi_monthly union all by name select * from kpi_monthly_by) as c
    join kpi_catalogue as k using (kpi_id)
    join dim_area as a on a.area_level = c.area_level and a.area_code = c.area_code
    where c.kpi_id = $kpi and c.period = $month
        and c.dimension is not distinct from $dimension and c.member is not distinct from $member
"""
_NAMES = (
    "kpi_id", "label_ja", "unit", "per", "formula_ja", "forms", "area_level", "area_code", "area_ja",
    "month", "dimension", "member", "numerator", "denominator", "value", "completeness", "mark",
)  # fmt: skip


def _figure(
    settings: Settings, build: str, kpi: str, area: str, month: date, dimension: str | None, member: str | None
) -> dict[str, Any]:
    cell = {"kpi": kpi, "month": month, "dimension": dimension, "member": member}
    rows = published_rows(settings, build, f"{_CELL} and c.area_code = $area", cell | {"area": area})
    if rows:
        return dict(zip(_NAMES, rows[0], strict=True))

    def known(sql: str, *values: Any) -> list[Any]:
        return [row[0] for row in published_rows(settings, build, sql, values)]

    if not known("select 1 from kpi_catalogue where kpi_id = ?", kpi):
        listed = "、".join(known("select kpi_id from kpi_catalogue order by sort"))
        raise CannotExplain(f"指標 {kpi} はありません。あるもの: {listed}")
    if not known("select 1 from dim_area where area_code = ?", area):
        raise CannotExplain(f"地域 {area} はありません。市町村コード(6桁)、R-地域名、県のコードのどれかです。")
    if not known("select 1 from dim_month where period = ?", month):
        first, last = known("select unnest([min(period), max(period)]) from dim_month")
        raise CannotExplain(f"{month:%Y-%m} は表示中の版の期間({first:%Y-%m} から {last:%Y-%m})にありません。")
    dimensions = known("select distinct dimension from kpi_monthly_by where kpi_id = ? order by 1", kpi)
    if dimension not in dimensions:
        asked = f"{kpi} に内訳 {dimension} はありません" if dimension else "--member には --dimension も要ります"
        raise CannotExplain(f"{asked}。{kpi} の内訳: {'、'.join(dimensions) or 'なし'}")
    members = known(
        "select distinct member from kpi_monthly_by where kpi_id = ? and dimension = ? order by 1", kpi, dimension
    )
    asked = f"内訳 {dimension} に {member} はありません" if member else "--dimension には --member も要ります"
    raise CannotExplain(f"{asked}。{dimension} にあるもの: {'、'.join(members)}")


def _parts(settings: Settings, build: str, figure: Mapping[str, Any], month: date) -> list[dict[str, Any]]:
    cell = {"kpi": figure["kpi_id"], "month": month, "dimension": figure["dimension"], "member": figure["member"]}
    inside = """
        and c.area_level = 'municipality' and c.area_code in (
            select municipality_code from dim_municipality
            where $area in (region_code, (select prefecture_code from build))
        ) order by a.sort
    """
    rows = published_rows(settings, build, _CELL + inside, cell | {"area": figure["area_code"]})
    shown = ("area_code", "area_ja", "numerator", "denominator", "completeness", "mark")
    return [{name: dict(zip(_NAMES, row, strict=True))[name] for name in shown} for row in rows]


def _behind(
    settings: Settings,
    counted: Sequence[Submission],
    forms: set[str],
    histories: set[str],
    towns: Sequence[str],
    month: date,
) -> list[dict[str, Any]]:
    """The submissions behind a figure, those of the month first, with how many of their rows bear on it."""
    fiscal_year = date(month.year - (month.month < 4), 4, 1)
    found: list[dict[str, Any]] = []
    for form in sorted(forms):
        contract = load_contracts()[form]
        senders = {settings.prefecture_code} if contract.sender == "prefecture" else set(towns)
        sent = [one for one in counted if one.form == form and one.sender_code in senders]
        own = month if contract.cadence == "monthly" else fiscal_year
        for history in (False, True) if form in histories else (False,):
            read = [one for one in sent if _is_read(one, contract, own, history)]
            rows = _rows(settings.lake_dir / form, contract, read, sent if history else read, towns)
            found += [
                {name: submission_row(one)[name] for name in _LISTED}
                | {"reads": "履歴" if history else "その期間", "rows": rows.get(one.submission_id, 0)}
                for one in read
                if not history or rows.get(one.submission_id)
            ]
    return sorted(found, key=lambda row: (row["reads"] == "履歴", row["form"], row["municipality_code"], row["period"]))


def _is_read(one: Submission, contract: Contract, own: date, history: bool) -> bool:
    """Whether a submission is the period's own, or else of another period that a history reads."""
    if not history or one.period is None:
        return one.period == own
    return one.period != own and (contract.kind == "ledger" or one.period < own)


_LISTED = ("file", "municipality_code", "form", "period", "status", "received_at", "rows_accepted", "rows_rejected")


def _rows(
    folder: Path, contract: Contract, read: Sequence[Submission], counted: Sequence[Submission], towns: Sequence[str]
) -> dict[str, int]:
    """Rows about the towns by submission, of a ledger's history only the newest of each key among all that is counted."""
    if not read or not any(folder.glob("*.parquet")):
        return {}
    about = "municipality_code" if contract.sender == "prefecture" else "sender_code"
    newest = ""
    if contract.kind == "ledger" and len(counted) > len(read):
        key = ", ".join(("sender_code", *contract.key))
        newest = f"qualify row_number() over (partition by {key} order by period desc) = 1"
    pattern = str(folder / "*.parquet").replace("'", "''")
    with connect(Path(":memory:")) as con:
        rows = con.execute(
            f"""
            with counting as (
                select submission_id from read_parquet('{pattern}', union_by_name = true)
                where submission_id in (select unnest($counted)) and {about} in (select unnest($towns)) {newest}
            )
            select submission_id, count(*) from counting
            where submission_id in (select unnest($read)) group by submission_id
            """,
            {
                "counted": [one.submission_id for one in counted],
                "read": [one.submission_id for one in read],
                "towns": list(towns),
            },
        ).fetchall()
    return dict(rows)


def print_explanation(explanation: Explanation, form: str, stream: TextIO) -> None:
    """Print an explanation, as JSON or to be read."""
    if form == "json":
        json.dump(asdict(explanation), stream, ensure_ascii=False, indent=2)
        stream.write("\n")
        return
    figure = explanation.figure
    inside = f" [{figure['dimension']} = {figure['member']}]" if figure["dimension"] else ""
    facts = [
        ("指標", f"{figure['label_ja']} {figure['kpi_id']}{inside}"),
        ("地域と月", f"{figure['area_ja']} {figure['area_code']}、{figure['month']}"),
        ("版", explanation.build_id),
        ("分子", _number(figure["numerator"])),
        ("分母", _number(figure["denominator"])),
        ("値", _number(figure["value"]) + (f" ({figure['unit']})" if figure["value"] is not None else "")),
        ("提出の状態", COMPLETENESS_JA[figure["completeness"]]),
        ("記号", f"{figure['mark']} {MARK_JA.get(figure['mark'], '')}" if figure["mark"] else "なし"),
        ("算式", figure["formula_ja"].strip()),
    ]
    stream.write("".join(f"{name}: {told}\n" for name, told in facts))
    if explanation.parts:
        stream.write("\n市町村ごと\n")
        parts = [part | {"completeness": COMPLETENESS_JA[part["completeness"]]} for part in explanation.parts]
        print_rows([{name: "" if v is None else v for name, v in part.items()} for part in parts], "table", stream)
    stream.write("\nモデルのつながり(上から下へ、何から作られるか)\n")
    for step in explanation.chain:
        told = "(上に同じ)" if step.met_before else step.description.split("。")[0]
        stream.write(f"{'  ' * step.depth}{step.name} [{step.layer}] {told}\n")
    if explanation.submissions is None:
        stream.write("\nもとの提出: この版がどの提出を数えたかの記録がありません。\n")
        return
    stream.write(f"\nもとの提出: {len(explanation.submissions):,} 件(rows は、この値にかかわる行数)\n")
    if explanation.submissions:
        print_rows(explanation.submissions, "table", stream)


def _number(value: float | None) -> str:
    if value is None:
        return "(なし)"
    return f"{int(value):,}" if value == int(value) else f"{value:,.4f}"
