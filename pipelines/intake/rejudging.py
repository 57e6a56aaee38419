"""Tells senders what `cross_judge.py` finds: the state in the manifest, and the receipts of those for whom it changed.

A receipt's own content stays as it was made; its part `cross_file` says how things stood at the last run.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from expectations import messages
from expectations.contract import Contract, load_contracts
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.cross_findings import CrossFinding, Due
from pipelines.intake.cross_judge import RULES, CrossJudge
from pipelines.intake.manifest import Manifest
from pipelines.intake.receipts import LISTED_AT_MOST, as_text, copies
from pipelines.settings import Settings

_ROWS_AT_ONCE = 4_000_000
"""Rows that are due, of whole municipalities: six months of the whole nation. What they say is held until it is committed."""


def rejudge(settings: Settings, manifest: Manifest) -> None:
    """Judge what may have changed, some municipalities after the other; when nothing changed, nothing is written.

    Copies of the receipts that change are removed first: should the run die in between, the next one writes them again.
    """
    table = settings.reference("municipality_changes.csv").read_text(encoding="utf-8-sig")
    changes = MunicipalityChanges(csv.DictReader(table.splitlines()))
    contracts = load_contracts()
    manifest.judge_anew_unless(_digest(contracts, table))
    if rows := manifest.due_rows():
        judge = CrossJudge(settings.lake_dir, contracts, changes, manifest)
        for senders in _groups(rows, changes):
            _judge(settings, manifest, judge, manifest.due(senders))


def _judge(settings: Settings, manifest: Manifest, judge: CrossJudge, due: Collection[Due]) -> None:
    found = judge.judge(due)
    before = manifest.cross_digests(found)
    now = {one: findings.digest for one, findings in found.items() if not findings.is_empty}
    changed = [one for one in sorted(found) if before.get(one) != now.get(one)]
    for one in changed:
        for copy in copies(settings.receipts_dir, manifest.submission(one)):
            copy.unlink(missing_ok=True)
    # One submission after the other: a first run over years tells thousands of ledgers some hundred rows each.
    manifest.replace_cross_findings(
        digests={one: now.get(one) for one in changed},
        found=((one, found[one].listed(one)) for one in changed),
        retold=lambda one, findings: _retold(manifest, manifest.receipt(one), findings),
        settled=due,
    )


def _groups(rows: Mapping[str, int], changes: MunicipalityChanges) -> Iterator[list[str]]:
    """Senders with about as many rows together as are judged at once; the codes of one municipality stay together."""
    group: list[str] = []
    held = 0
    for codes in dict.fromkeys(tuple(changes.codes(sender)) for sender in rows):
        group += codes
        held += sum(rows.get(code, 0) for code in codes)
        if held >= _ROWS_AT_ONCE:
            yield group
            group, held = [], 0
    if group:
        yield group


def _digest(contracts: Mapping[str, Contract], changes: str) -> str:
    """Of what decides, besides the submissions, what files say of each other."""
    rules = [
        (form, contract.key, contract.accumulates_by, rule.name, dict(rule.params))
        for form, contract in contracts.items()
        for rule in contract.rules
        if rule.name in RULES
    ]
    return hashlib.sha256(repr((rules, changes)).encode()).hexdigest()


def _retold(manifest: Manifest, receipt: str, findings: Sequence[CrossFinding]) -> str:
    """The receipt with what is found now in place of what was found before."""
    content: dict[str, Any] = json.loads(receipt)
    contract = load_contracts()[content["form"]]
    listed = findings[:LISTED_AT_MOST]
    names = _file_names(manifest, listed)
    content["cross_file_total"] = len(findings)
    content["cross_file"] = [_line(finding, contract, names) for finding in listed]
    return as_text(content)


def _file_names(manifest: Manifest, findings: Iterable[CrossFinding]) -> dict[str, str]:
    others = {finding.other_id for finding in findings if finding.other_id}
    return {one: manifest.submission(one).file_name for one in others}


def _line(finding: CrossFinding, contract: Contract, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "row": finding.row,
        "column": finding.column,
        "column_label": contract.column(finding.column).label_ja,
        "rule": finding.rule,
        "message": messages.cross_message(
            finding.rule,
            contract,
            finding.column,
            file=names[finding.other_id] if finding.other_id else None,
            row=finding.other_row,
            rows=finding.rows,
        ),
    }
