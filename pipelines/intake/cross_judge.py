"""What files say of each other: references that lead nowhere, and keys of a ledger that vanish or come back.

Judged from the lake's identifier columns, anew and as a whole for each submission whose findings may have changed since the
last time; of all others nothing but their numbers is looked at. No number is kept between two judgements. Rules inside one
file belong to the gate, telling the sender to `rejudging.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from expectations.contract import Contract, Rule
from pipelines.intake import ledgers, references
from pipelines.intake.changes import MunicipalityChanges
from pipelines.intake.cross_findings import CrossFinding, Due
from pipelines.intake.lake_columns import LakeColumns
from pipelines.intake.manifest import Manifest
from pipelines.intake.submissions import Counted

RULES = frozenset({"reference_exists", "key_continues"})
"""Those of a contract that are judged here."""


@dataclass(frozen=True)
class Findings:
    """What there is to say to one submission. `astray`: rows whose number leads nowhere, ascending, by column.

    Every ledger refers to all its cases' beginnings, so those rows are most of it; they are told one by one only when asked.
    """

    astray: list[tuple[str, np.ndarray]] = field(default_factory=list)
    others: list[CrossFinding] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.astray or self.others)

    @property
    def digest(self) -> str:
        """The same for the same findings, and for no others."""
        said = [(column, rows.tolist()) for column, rows in self.astray], sorted(self.others, key=_order)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def listed(self, submission_id: str) -> list[CrossFinding]:
        """One by one, in the order in which the manifest gives them back."""
        references = [
            CrossFinding(submission_id, "reference_exists", column, int(row))
            for column, rows in self.astray
            for row in rows
        ]
        return sorted([*references, *self.others], key=_order)


class CrossJudge:
    """Judges submissions of one home."""

    def __init__(
        self, lake_dir: Path, contracts: Mapping[str, Contract], changes: MunicipalityChanges, manifest: Manifest
    ) -> None:
        self._contracts = contracts
        self._changes = changes
        self._manifest = manifest
        self._lake = LakeColumns(lake_dir, manifest)
        # Where rows of a form were purged, nobody can tell any more whether a number was among them.
        self._purged = manifest.purged_forms()

    def judge(self, due: Collection[Due]) -> dict[str, Findings]:
        """Of all whose findings may be others than before; empty where there is nothing (any more) to say.

        `due`: what may have begun or ceased to count since, with all others of the same municipalities that may have.
        """
        codes = {code for one in due for code in self._changes.codes(one.sender_code)}
        sequences = {
            contract.form: ledgers.by_month(self._manifest.counting_of(contract.form, codes), self._changes)
            for contract, rule in self._rules()
            if rule.name == "key_continues"
        }
        told = self._told(due, sequences)
        found = {submission_id: Findings() for submission_id in (*told, *(one.submission_id for one in due))}
        for contract, rule in self._rules():
            these = {one.submission_id: one for one in told.values() if one.form == contract.form}
            if rule.name == "reference_exists":
                reference = references.reference_of(contract, rule, self._contracts)
                for submission_id, rows in references.unresolved(self._lake, reference, [*these.values()]):
                    if (these[submission_id].sender_code, reference.target.form) not in self._purged:
                        found[submission_id].astray.append((reference.column, rows))
            else:
                said = ledgers.contradictions(self._lake, contract, rule, sequences[contract.form], these.keys())
                for finding in said:
                    found[finding.submission_id].others.append(finding)
        return found

    def _told(self, due: Collection[Due], sequences: Mapping[str, ledgers.Sequences]) -> dict[str, Counted]:
        """Of those due the ones that count, and whom they touch."""
        told: list[Counted] = []
        ids, forms = {one.submission_id for one in due}, {contract.form for contract, _ in self._rules()}
        for form, period in {(one.form, one.period) for one in due if one.form in forms}:
            told += (one for one in self._manifest.counting_in(form, period) if one.submission_id in ids)
        for contract, rule in self._rules():
            if rule.name == "reference_exists":
                reference = references.reference_of(contract, rule, self._contracts)
                told += self._manifest.counted(references.referring(self._lake, reference, due))
                told += self._manifest.counting_of(contract.form, self._bereft(reference.target, due))
            else:
                changed = [one for one in due if one.form == contract.form]
                told += ledgers.following(sequences[contract.form], changed, self._changes)
        return {one.submission_id: one for one in told}

    def _bereft(self, target: Contract, due: Collection[Due]) -> set[str]:
        """Codes of municipalities that refer to rows which are gone, so that their numbers cannot be looked for."""
        purged = {one.sender_code for one in due if one.is_purged and one.form == target.form}
        return {code for one in purged for code in self._changes.codes(one)}

    def _rules(self) -> Iterator[tuple[Contract, Rule]]:
        for contract in self._contracts.values():
            yield from ((contract, rule) for rule in contract.rules if rule.name in RULES)


def _order(finding: CrossFinding) -> tuple[str, str, int, int]:
    return finding.rule, finding.column, finding.row or 0, finding.other_row or 0
