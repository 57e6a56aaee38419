"""The quality page: what the last gate said, and what files say of each other, as one HTML file in Japanese.

Made from what the manifest keeps (counts, places, rules), so that it can be made again without judging anything; it asks for
nothing from outside and holds no value of a row. How it looks is in `quality_markup.py`.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from expectations import messages
from expectations.codes import load_code_lists
from expectations.contract import Contract, load_contracts
from expectations.suites import checks
from pipelines.intake.cross_findings import CrossFinding
from pipelines.intake.judgements import FailureCount, Judgement
from pipelines.intake.manifest import Manifest
from pipelines.intake.naming import period_label
from pipelines.intake.submissions import KnownSubmission
from pipelines.quality_markup import Cell, details, page, paragraph, section, table
from pipelines.settings import TIME_ZONE, Settings

SEVERITY_LABELS = {"error": "誤り(行を除く)", "warning": "注意(行は数える)"}
_PLACES_SHOWN = 50
_CheckKey = tuple[str, str, str]  # rule, column, parameters as JSON


def write_quality_page(settings: Settings) -> Path:
    """Write `quality/index.html` under the home and return its path; a home without submissions gets a page that says so."""
    with Manifest.reading(settings.manifest_db) as manifest:
        known = {submission.submission_id: submission for submission in manifest.known_at(None)}
        judged, findings = manifest.last_gate(), manifest.cross_findings()
        receipts = {one: manifest.receipt(one) for one in judged}
    target = settings.root / "quality" / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    building = target.with_name(target.name + ".building")
    building.write_text(_QualityPage(settings, known, judged, findings, receipts).html(), encoding="utf-8")
    building.replace(target)
    return target


class _QualityPage:
    def __init__(
        self,
        settings: Settings,
        known: dict[str, KnownSubmission],
        judged: dict[str, Judgement],
        findings: list[CrossFinding],
        receipts: dict[str, str],
    ) -> None:
        self._known, self._findings, self._receipts = known, findings, receipts
        self._judged = sorted(judged.values(), key=lambda one: known[one.submission_id].arrival)
        self._contracts = load_contracts()
        self._codes = load_code_lists(settings.reference("codes.csv"), settings.reference("grant_components.csv"))
        self._names = {settings.prefecture_code: settings.prefecture_name}
        with settings.reference("municipalities.csv").open(encoding="utf-8-sig", newline="") as stream:
            self._names |= {row["municipality_code"]: row["name"] for row in csv.DictReader(stream)}

    def html(self) -> str:
        if not self._judged:
            return page("品質のページ", [paragraph("まだ検査した提出がありません。")])
        at = self._judged[0].judged_at.astimezone(TIME_ZONE)
        return page(
            "品質のページ",
            [
                paragraph(f"{at:%Y年%-m月%-d日 %H時%M分}に行った、最後の検査の結果です。値や番号は載せていません。"),
                section("概要", self._overview()),
                section("様式ごとの検査", *self._forms()),
                section("誤り・注意のある提出", *self._submissions()),
                section("ファイルどうしの照合", *self._cross()),
            ],
        )

    def _overview(self) -> str:
        statuses = Counter(self._known[one.submission_id].status for one in self._judged)
        rows: list[Sequence[Cell]] = [(messages.STATUS_LABELS[status], count) for status, count in statuses.items()]
        rows.append(("検査した行", sum(one.rows for one in self._judged)))
        return table("最後の検査で受け付けた提出(様式ごとに1件)", ("判定", "件数"), rows)

    def _forms(self) -> Iterator[str]:
        for form, contract in self._contracts.items():
            judged = [one for one in self._judged if one.rows and self._known[one.submission_id].form == form]
            if judged:
                yield self._form(contract, judged)

    def _form(self, contract: Contract, judged: Sequence[Judgement]) -> str:
        """Every check of the form, those that failed first."""
        total = sum(one.rows for one in judged)
        failed: Counter[_CheckKey] = Counter()
        severities: dict[_CheckKey, str] = {
            (
                check.rule,
                check.column,
                json.dumps(dict(check.params), ensure_ascii=False, sort_keys=True),
            ): check.severity
            for check in checks(contract)
        }
        for count in (count for one in judged for count in one.failures):
            failed[count.rule, count.column, count.params] += count.failures
            severities.setdefault((count.rule, count.column, count.params), count.severity)
        rows = [
            (
                self._label(contract, key),
                self._sentence(contract, key),
                SEVERITY_LABELS[severities[key]],
                total,
                failed[key],
                f"{failed[key] / total:.1%}",
            )
            for key in sorted(severities, key=lambda key: -failed[key])
        ]
        header = ("項目", "検査(誤りのときの文)", "種類", "検査した行", "当たった行", "割合")
        caption = f"{contract.label_ja}: {len(judged)}件、{total:,}行、検査{len(rows)}種"
        return details(caption, table(caption, header, rows), is_open=bool(failed))

    def _submissions(self) -> Iterator[str]:
        shown = 0
        for one in self._judged:
            submission = self._known[one.submission_id]
            told = [] if one.failures else list(json.loads(self._receipts[one.submission_id]).get("messages", []))
            if one.failures or submission.warnings or submission.status in {"returned", "refused_personal_data"}:
                shown += 1
                yield self._submission(submission, one, told)
        if not shown:
            yield paragraph("誤りや注意のある提出はありません。")

    def _submission(self, submission: KnownSubmission, judgement: Judgement, told: Sequence[str]) -> str:
        contract = self._contracts.get(submission.form or "")
        caption = (
            f"{self._title(submission)}: {messages.STATUS_LABELS[submission.status]}、"
            f"全{submission.rows_total:,}行のうち受理{submission.rows_accepted:,}行・除外{submission.rows_rejected:,}行、注意{submission.warnings:,}件"
        )
        counts = [self._count_row(contract, count) for count in judgement.failures] if contract else []
        body = [table(caption, ("項目", "検査", "種類", "当たった行"), counts)] if counts else []
        return details(caption, *map(paragraph, told), *body, is_open=True)

    def _count_row(self, contract: Contract, count: FailureCount) -> Sequence[Cell]:
        key = (count.rule, count.column, count.params)
        return (
            self._label(contract, key),
            self._sentence(contract, key),
            SEVERITY_LABELS[count.severity],
            count.failures,
        )

    def _cross(self) -> Iterator[str]:
        by_place: defaultdict[tuple[str, str, str], list[CrossFinding]] = defaultdict(list)
        for finding in self._findings:
            by_place[finding.rule, finding.submission_id, finding.column].append(finding)
        yield paragraph("いま数えている提出を互いに照らした結果です。誤りではなく、相手のファイルが届けば消えます。")
        if not by_place:
            yield paragraph("該当する提出はありません。")
        for rule, label in messages.CROSS_LABELS.items():
            rows = [self._cross_row(found) for (of_rule, _, _), found in by_place.items() if of_rule == rule]
            if rows:
                yield table(label, ("提出", "項目", "件数", "行"), rows)

    def _cross_row(self, found: Sequence[CrossFinding]) -> Sequence[Cell]:
        submission = self._known[found[0].submission_id]
        contract = self._contracts[submission.form or ""]
        places = [self._place(finding) for finding in found[:_PLACES_SHOWN]]
        rest = " ほか" if len(found) > _PLACES_SHOWN else ""
        label = contract.column(found[0].column).label_ja
        return (
            self._title(submission),
            label,
            sum(finding.rows for finding in found),
            "、".join(filter(None, places)) + rest,
        )

    def _place(self, finding: CrossFinding) -> str:
        """The row the sender has to look at: in this file, else in the other one."""
        if finding.row is not None:
            return f"{finding.row}行目"
        return f"{self._known[finding.other_id].file_name} の{finding.other_row}行目" if finding.other_id else ""

    def _title(self, submission: KnownSubmission) -> str:
        contract = self._contracts.get(submission.form or "")
        words = [
            self._names.get(submission.sender_code or "", ""),
            contract.label_ja if contract else "",
            period_label(submission.period, contract.cadence) if contract and submission.period else "",
        ]
        return " ".join(filter(None, words)) + f" ({submission.file_name})"

    def _label(self, contract: Contract, key: _CheckKey) -> str:
        return contract.column(key[1]).label_ja if key[1] else "行の全体"

    def _sentence(self, contract: Contract, key: _CheckKey) -> str:
        rule, column, params = key
        return messages.row_message(rule, contract, column, json.loads(params), self._codes)
