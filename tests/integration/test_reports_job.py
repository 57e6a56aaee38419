"""The schedule's job on a real home: the build of the deadline, a draft to the approver, a release by a person; by hand too."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from typer.testing import CliRunner

from pipelines.build import MONTHLY, REMINDER, build_defs
from pipelines.builds import current_build_id, prune, read_build_manifest
from pipelines.cli import app
from pipelines.report_log import Report, ReportLog
from pipelines.reporting import build_as_of, known_by_deadline
from pipelines.run import prepare_environment
from pipelines.settings import Settings

MONTH = date(2023, 5, 1)


def run_job(
    settings: Settings, job: str, month: str, config: dict[str, Any] | None = None
) -> dg.ExecuteInProcessResult:
    prepare_environment(settings)
    with dg.DagsterInstance.get() as instance:
        return (
            build_defs(settings=settings)
            .resolve_job_def(job)
            .execute_in_process(instance=instance, partition_key=month, run_config=config, raise_on_error=False)
        )


def reasons(result: dg.ExecuteInProcessResult) -> list[str | None]:
    failures = [event.step_failure_data for event in result.all_node_events if event.is_step_failure]
    return [failure.user_failure_data.description for failure in failures if failure.user_failure_data]


def kasane(settings: Settings, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments), env={"KASANE_HOME": str(settings.root)})
    return done.exit_code, done.output


def test_from_deadline_to_release(small_home: Settings) -> None:
    settings = small_home
    before = current_build_id(settings)
    as_of = known_by_deadline(settings, MONTH)
    told = {"config": {"as_of": as_of.isoformat()}}
    result = run_job(settings, MONTHLY, "2023-05", {"ops": {"warehouse_sources": told, "report__monthly": told}})
    assert result.success, reasons(result)

    # The build of the deadline, not the one in force, which stays.
    build = build_as_of(settings, as_of)
    assert current_build_id(settings) == before != build
    assert read_build_manifest(settings, build)["as_of"] == as_of.isoformat()
    with ReportLog(settings.manifest_db) as log:
        reports = {report.audience: report for report in log.reports()}
    assert set(reports) == {"internal", "public"}
    internal = reports["internal"]
    assert {report.build_id for report in reports.values()} == {build} and internal.origin == "schedule"
    context = json.loads((settings.root / internal.folder / f"{internal.name}.json").read_text(encoding="utf-8"))
    assert context["stamp"]["build_id"] == build and context["stamp"]["origin"] == "synthetic"
    _equals_the_mart(settings, build, context)

    # Nobody but a person releases it; then it lies in the outbox, and the build is never pruned.
    assert not settings.outbox_dir.exists()
    code, output = kasane(settings, "report", "send", internal.report_id)
    assert code == 1 and "まだ承認されていません" in output
    code, output = kasane(settings, "report", "approve", internal.report_id, "--by", "係長")
    assert code == 0 and "承認しました" in output
    filed = settings.outbox_dir / "2023-05" / internal.report_id
    assert (filed / f"{internal.name}.pdf").read_bytes() == (
        settings.root / internal.folder / f"{internal.name}.pdf"
    ).read_bytes()
    code, output = kasane(settings, "report", "list", "--format", "json")
    listed = {row["report_id"]: row for row in json.loads(output)}
    assert (
        listed[internal.report_id]["approved_by"] == "係長" and listed[reports["public"].report_id]["approved_by"] == ""
    )
    prune(settings.model_copy(update={"keep_builds": 1}))
    assert read_build_manifest(settings, build) and current_build_id(settings) == before


def _equals_the_mart(settings: Settings, build: str, context: dict[str, Any]) -> None:
    table = next(table for table in context["tables"] if table["id"] == "kpi")
    at = [column["id"] for column in table["columns"]]
    found = {(row[at.index("kpi_id")], row[at.index("area_code")]): row[at.index("numerator")] for row in table["rows"]}
    with duckdb.connect(str(settings.published_dir / build / "internal.duckdb"), read_only=True) as con:
        rows = con.execute("select kpi_id, area_code, numerator from kpi_monthly where period = ?", [MONTH]).fetchall()
    assert found == {(kpi, area): numerator for kpi, area, numerator in rows} and len(found) > 100


def test_by_hand_uses_the_build_in_force(small_home: Settings) -> None:
    code, output = kasane(small_home, "report", "monthly", "--month", "2023-06", "--audience", "public")
    assert code == 0, output
    with ReportLog(small_home.manifest_db) as log:
        (report,) = log.reports()
    assert report.build_id == current_build_id(small_home) and report.origin == "hand"
    assert kasane(small_home, "report", "monthly", "--month", "2023-06", "--audience", "public")[0] == 0
    with ReportLog(small_home.manifest_db) as log:
        assert [one.report_id for one in log.reports()] == [report.report_id], "the same report is one record"
    _is_released_only_as_it_was_made(small_home, report)
    code, output = kasane(small_home, "briefing", "--month", "2023-06")
    assert code == 0 and "ブリーフィング 4 件(4 件を新しく作成、0 件は変わりなし)" in output
    assert "0 件を新しく作成、4 件は変わりなし" in kasane(small_home, "briefing", "--month", "2023-06")[1]


def _is_released_only_as_it_was_made(settings: Settings, report: Report) -> None:
    with (settings.root / report.folder / f"{report.name}.pdf").open("ab") as pdf:
        pdf.write(b"more")
    code, output = kasane(settings, "report", "approve", report.report_id)
    assert code == 1 and "作り直し" in output and not settings.outbox_dir.exists()
    again = ("--month", "2023-06", "--audience", "public", "--build", report.build_id)
    assert " ".join(again) in output
    code, output = kasane(settings, "report", "monthly", *again)
    assert code == 0 and report.report_id in output
    code, output = kasane(settings, "report", "approve", report.report_id)
    assert code == 0 and (settings.outbox_dir / "2023-06" / report.report_id / f"{report.name}.pdf").is_file()


def test_bad_requests_end_in_a_sentence(small_home: Settings, tmp_path: Path) -> None:
    for wanted, arguments in (
        ("にありません", ("report", "monthly", "--month", "2030-01")),
        ("市町村コード 999999", ("briefing", "--month", "2023-06", "--municipality", "999999")),
        ("版 nothing はありません", ("report", "monthly", "--month", "2023-06", "--build", "nothing")),
        ("報告書 none はありません", ("report", "approve", "none")),
    ):
        code, output = kasane(small_home, *arguments)
        assert code == 1 and wanted in output and "Traceback" not in output
    code, output = kasane(Settings(home=tmp_path / "empty"), "report", "monthly", "--month", "2023-06")
    assert code == 1 and "公開された版がまだありません" in output


def test_a_failure_is_red_and_says_why_and_is_not_tried_in_vain(small_home: Settings) -> None:
    shutil.rmtree(small_home.published_dir)
    result = run_job(small_home, REMINDER, "2023-06")
    assert not result.success and "公開された版がまだありません" in str(reasons(result)[0])


def test_the_reminder_writes_to_those_who_are_missing(small_home: Settings) -> None:
    result = run_job(small_home, REMINDER, "2023-06")
    assert result.success, reasons(result)
    letters = sorted((small_home.outbox_dir / "2023-06" / "reminders").glob("*.txt"))
    with duckdb.connect(
        str(small_home.published_dir / str(current_build_id(small_home)) / "internal.duckdb"), read_only=True
    ) as con:
        missing = con.execute(
            "select distinct sender_code from submission_status join form_label using (form)"
            " where expected and completeness = 'missing' and period = '2023-06-01' and cadence = 'monthly'"
        ).fetchall()
    assert [letter.stem for letter in letters] == sorted(code for (code,) in missing)
