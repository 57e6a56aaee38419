"""Tells senders what `references.py` finds: the state in the manifest, and the receipts of those for whom it changed.

A receipt's own content stays as it was made; its part `cross_file` says how things stood at the last run.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any

from expectations import messages
from expectations.contract import Contract, load_contracts
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.judgements import CrossFinding
from pipelines.intake.manifest import Manifest, Submission
from pipelines.intake.receipts import LISTED_AT_MOST, as_text, copies
from pipelines.intake.references import CrossJudge
from pipelines.settings import Settings


def rejudge(settings: Settings, manifest: Manifest) -> None:
    """Judge over all that counts now; when nothing changed, nothing is written.

    Copies of the receipts that change are removed first: should the run die in between, the next one writes them again.
    """
    with settings.reference("municipality_changes.csv").open(encoding="utf-8-sig", newline="") as stream:
        changes = MunicipalityChanges(csv.DictReader(stream))
    known = {submission.submission_id: submission for submission in manifest.known_at(None)}
    judge = CrossJudge(settings.lake_dir, load_contracts(), changes, list(known.values()), manifest.purged())
    found = judge.findings()
    before, now = manifest.cross_digests(), {one: findings.digest for one, findings in found.items()}
    changed = [one for one in sorted(before.keys() | now.keys()) if before.get(one) != now.get(one)]
    if not changed:
        return
    for one in changed:
        for copy in copies(settings.receipts_dir, known[one]):
            copy.unlink(missing_ok=True)
    # One submission after the other: a first run over years tells thousands of ledgers some hundred rows each.
    manifest.replace_cross_findings(
        digests={one: now.get(one) for one in changed},
        findings=((one, found[one].listed(one) if one in found else []) for one in changed),
        retold=lambda one, findings: _retold(manifest.receipt(one), findings, known),
    )


def _retold(receipt: str, findings: Sequence[CrossFinding], known: Mapping[str, Submission]) -> str:
    """The receipt with what is found now in place of what was found before."""
    content: dict[str, Any] = json.loads(receipt)
    contract = load_contracts()[content["form"]]
    content["cross_file_total"] = len(findings)
    content["cross_file"] = [_line(finding, contract, known) for finding in findings[:LISTED_AT_MOST]]
    return as_text(content)


def _line(finding: CrossFinding, contract: Contract, known: Mapping[str, Submission]) -> dict[str, Any]:
    other = known[finding.other_id].file_name if finding.other_id else None
    return {
        "row": finding.row,
        "column": finding.column,
        "column_label": contract.column(finding.column).label_ja,
        "rule": finding.rule,
        "message": messages.cross_message(
            finding.rule, contract, finding.column, file=other, row=finding.other_row, rows=finding.rows
        ),
    }
