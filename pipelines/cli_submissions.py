"""`kasane submissions …`, and what else concerns those who send: templates, quality, purge. Parse, call, print."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_common import ReceiptFormat, TableFormat, fail, load_settings, only_writer, require_empty
from pipelines.os_reasons import os_reason
from pipelines.terminal import printable

submissions_app = typer.Typer(help="Every submitted file: its status, rows and errors.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(submissions_app, name="submissions")
    for command in (templates, quality, purge):
        app.command()(command)


@submissions_app.callback(invoke_without_command=True)
def submissions(
    context: typer.Context,
    form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table,
) -> None:
    """List every submission: file, municipality, form, period, status, rows, errors, arrival."""
    if context.invoked_subcommand is None:
        from pipelines.listing import SUBMISSION_COLUMNS, print_rows, submission_rows

        print_rows(submission_rows(load_settings()), form.value, sys.stdout, columns=SUBMISSION_COLUMNS)


@submissions_app.command("show")
def submissions_show(
    file: Annotated[str, typer.Argument(help="Name of the submitted file, or a receipt's number.")],
    form: Annotated[ReceiptFormat, typer.Option("--format", help="How to print.")] = ReceiptFormat.text,
) -> None:
    """Print the receipts of one submitted file."""
    from pipelines.listing import print_receipts, print_rows, receipts_of

    receipts = receipts_of(load_settings(), file)
    if not receipts:
        fail(f"{file} の受付票はありません。`kasane submissions` でファイル名を確かめてください。")
    if form is ReceiptFormat.json:
        print_rows(receipts, form.value, sys.stdout)
    else:
        print_receipts(receipts, sys.stdout)


@submissions_app.command("withdraw")
def submissions_withdraw(
    file: Annotated[str, typer.Argument(help="Name of the accepted file, or a receipt's number.")],
    reason: Annotated[str, typer.Option(help="Why; it stays on the record. No personal data.")],
) -> None:
    """Take an accepted file back, on the record; the one before it counts again."""
    from pipelines.intake.manifest import ManifestError
    from pipelines.intake.withdrawal import withdraw
    from pipelines.settings import TIME_ZONE

    settings = load_settings()
    try:
        with only_writer(settings):
            taken = withdraw(settings, file, reason, datetime.now(TIME_ZONE))
    except ManifestError as error:
        fail(str(error))
    for one in taken:
        before = one.counts_again
        typer.echo(
            f"取り下げました: {printable(one.submission.file_name)} ({one.submission.form})。"
            f"これから有効な提出: {printable(before.file_name) if before else 'なし'}"
        )
    typer.echo("集計には、次の `kasane run` で反映します。")


@submissions_app.command("missing")
def submissions_missing(
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Month, like 2024-05.")],
    everything: Annotated[bool, typer.Option("--all", help="Also what came, and whether in time.")] = False,
    form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table,
) -> None:
    """List who has not sent what, with the deadline."""
    from pipelines.deadlines import DUE_COLUMNS, NotKnown, due_in
    from pipelines.listing import print_rows

    try:
        due = due_in(load_settings(), month.date())
    except NotKnown as error:
        fail(str(error))
    listed = [one.as_row() for one in due if everything or one.timeliness == "missing"]
    if listed or form is not TableFormat.table:
        print_rows(listed, form.value, sys.stdout, columns=DUE_COLUMNS)
    count = sum(one.timeliness == "missing" for one in due)
    typer.echo(f"見込まれる提出 {len(due):,} 件のうち、未提出 {count:,} 件。", err=True)


def templates(out: Annotated[Path, typer.Option(help="Folder for the forms; must be empty or absent.")]) -> None:
    """Write the Excel forms for those who submit: one a contract, with drop-downs, checks and notes."""
    from pipelines.templates.workbook import write_templates

    require_empty(out)
    try:
        count = write_templates(load_settings(), out)
    except OSError as error:
        fail(f"{out} に書けません: {os_reason(error)}")
    typer.echo(f"様式の Excel を {count} 件作りました: {out}")


def quality() -> None:
    """Write the quality page of the last gate: one HTML file, no network needed."""
    from pipelines.quality import write_quality_page

    settings = load_settings()
    if not settings.manifest_db.exists():
        fail("まだ何も受け付けていません。`kasane run` を実行してください。")
    typer.echo(f"品質のページを書きました: {write_quality_page(settings)}")


def purge(
    before: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], help="First month to keep (default: by the setting).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be removed.")] = False,
) -> None:
    """Remove rows about persons whose retention is over from the lake; published builds and the inbox stay."""
    from pipelines.intake import retention
    from pipelines.settings import TIME_ZONE

    settings, now = load_settings(), datetime.now(TIME_ZONE)
    months = settings.case_retention_months
    if before is None and months is None:
        fail("保存期間が決まっていません。--before 2021-04 か KASANE_CASE_RETENTION_MONTHS で指定してください。", 2)
    kept_from = before.date() if before else retention.first_month_kept(now.date(), months)
    with only_writer(settings):
        planned = retention.plan(settings, kept_from)
        if not (dry_run or planned.is_empty):
            retention.purge(settings, planned, now)
    if planned.is_empty:
        typer.echo(f"{kept_from:%Y-%m} より前に、消去する行はありません。")
        return
    done = "消去できる" if dry_run else "消去した"
    typer.echo(
        f"{kept_from:%Y-%m} より前で{done}もの: 提出 {len(planned.submissions):,} 件の {planned.rows:,} 行、"
        f"受付票 {len(planned.receipts):,} 件の原本行。"
    )
    typer.echo(
        "公開済みの版と受領箱のファイルはそのままです。次の版では、消去した期間のケース単位の集計は「…」か「-」になります。"
    )
