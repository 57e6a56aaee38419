"""`kasane report …` and `kasane briefing`: parse, call, print."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli_common import Audience, TableFormat, fail, load_settings

report_app = typer.Typer(no_args_is_help=True, help="Monthly reports: make, list, approve, send.")

Month = Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Month, like 2024-05.")]
Build = Annotated[str | None, typer.Option(help="Build id (default: the one in force).")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be sent to whom.")]
ReportId = Annotated[str, typer.Argument(help="Number of the report, see `kasane report list`.")]


_REPORT_COLUMNS = (
    "report_id", "month", "audience", "build_id", "made_by", "made_at", "approved_at", "approved_by", "sent", "folder",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(report_app, name="report")
    app.command()(briefing)


@report_app.command("monthly")
def report_monthly(
    month: Month,
    audience: Annotated[Audience, typer.Option(help="Whose published file to report from.")] = Audience.internal,
    out: Annotated[
        Path | None, typer.Option(help="A copy in this folder, not kept on record (default: a draft in the home).")
    ] = None,
    build: Build = None,
) -> None:
    """Make the report of a month: PDF, Excel and open data."""
    from pipelines.reporting import ReportFailed, make_documents, make_report
    from pipelines.settings import TIME_ZONE

    settings = load_settings()
    wanted: dict[str, Any] = {"month": month.date(), "audience": audience.value, "build": build}
    try:
        if out is not None:
            folder, made = make_documents(settings, "monthly", out=out, **wanted)
            typer.echo(f"報告書を{'作りました' if made[0].is_new else '使います(変わりなし)'}: {folder}")
            return
        report, folder = make_report(settings, at=datetime.now(TIME_ZONE), origin="hand", **wanted)
    except ReportFailed as error:
        fail(str(error))
    typer.echo(f"報告書の下書きができました: {folder}")
    typer.echo(f"番号: {report.report_id}。配布するには `kasane report approve {report.report_id}`")


@report_app.command("list")
def report_list(
    form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table,
) -> None:
    """List the reports on record, newest first, and how often each was sent."""
    from pipelines.listing import print_rows
    from pipelines.report_log import ReportLog

    with ReportLog.reading(load_settings().manifest_db) as log:
        rows = [
            {
                "report_id": report.report_id,
                "month": f"{report.month:%Y-%m}",
                "audience": report.audience,
                "build_id": report.build_id,
                "made_by": report.origin,
                "made_at": report.made_at.isoformat(timespec="seconds"),
                "approved_at": report.approved_at.isoformat(timespec="seconds") if report.approved_at else "",
                "approved_by": report.approved_by or "",
                "sent": sum(
                    one.state == "sent" and one.purpose == "release" for one in log.deliveries(report.report_id)
                ),
                "folder": report.folder,
            }
            for report in log.reports()
        ]
    print_rows(rows, form.value, sys.stdout, columns=_REPORT_COLUMNS)


@report_app.command("approve")
def report_approve(
    report_id: ReportId,
    by: Annotated[str | None, typer.Option(help="Who approves (default: the account on this machine).")] = None,
) -> None:
    """Release a draft: file it, and send it to the recipients of its audience."""
    from pipelines.delivery import approve
    from pipelines.report_files import NotAsMade
    from pipelines.report_log import UnknownReport
    from pipelines.settings import TIME_ZONE

    settings, now = load_settings(), datetime.now(TIME_ZONE)
    try:
        report = approve(settings, report_id, by or getpass.getuser(), now)
    except (UnknownReport, NotAsMade) as error:
        fail(str(error))
    typer.echo(f"承認しました: {report.report_id}({report.approved_by})")
    _deliver(settings, report_id, dry_run=False)


@report_app.command("send")
def report_send(report_id: ReportId, dry_run: DryRun = False) -> None:
    """Send an approved report to those who have not got it; nobody gets it twice."""
    _deliver(load_settings(), report_id, dry_run=dry_run)


def briefing(
    month: Month,
    municipality: Annotated[str | None, typer.Option(help="Six-digit code (default: every municipality).")] = None,
    audience: Annotated[Audience, typer.Option(help="Whose published file to use.")] = Audience.adviser,
    out: Annotated[Path | None, typer.Option(help="Folder (default: one in the home).")] = None,
    build: Build = None,
) -> None:
    """Make the adviser's briefing on a municipality, or on all: PDF, Word, and the form for the visit."""
    from pipelines.reporting import ReportFailed, make_documents

    settings = load_settings()
    try:
        folder, made = make_documents(
            settings,
            "briefing",
            month=month.date(),
            audience=audience.value,
            out=out,
            build=build,
            municipality=municipality,
            on_progress=_counter("ブリーフィング"),
        )
    except ReportFailed as error:
        fail(str(error))
    new = sum(document.is_new for document in made)
    typer.echo(f"ブリーフィング {len(made):,} 件({new:,} 件を新しく作成、{len(made) - new:,} 件は変わりなし): {folder}")


def _deliver(settings: Any, report_id: str, *, dry_run: bool) -> None:
    from pipelines.delivery import OUTCOMES_JA, NotApproved, deliver
    from pipelines.delivery_mail import post_of
    from pipelines.report_files import NotAsMade
    from pipelines.report_log import ReportLog, UnknownReport
    from pipelines.settings import TIME_ZONE

    try:
        with ReportLog.reading(settings.manifest_db) as log:
            report = log.report(report_id)
        sendings = deliver(settings, report, post_of(settings), at=datetime.now(TIME_ZONE), dry_run=dry_run)
    except (UnknownReport, NotApproved, NotAsMade) as error:
        fail(str(error))
    for one in sendings:
        typer.echo(f"{one.recipient}: {OUTCOMES_JA[one.outcome]}" + (f"({one.reason})" if one.reason else ""))
    if not sendings:
        typer.echo("宛先が決まっていません(KASANE_RECIPIENTS)。")
    if any(one.outcome == "failed" for one in sendings):
        fail("送れなかった宛先があります。原因を直してから `kasane report send` をもう一度実行してください。")


def _counter(what: str) -> Callable[[int, int], None]:
    """Progress on stderr, on one line of a terminal; silent elsewhere."""
    if not sys.stderr.isatty():
        return lambda done, total: None
    return lambda done, total: print(
        f"\r{what} {done:,}/{total:,}", end="\n" if done == total else "", file=sys.stderr, flush=True
    )
