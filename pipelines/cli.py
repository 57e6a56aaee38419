"""The command line: parse, call, print. What a command does lives in the module it calls.

Nothing heavy is imported at the top: `kasane --help` must answer at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import cli_report
from pipelines.cli_common import Audience, TableFormat
from pipelines.cli_common import fail as _fail
from pipelines.cli_common import load_settings as _settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
export_app = typer.Typer(no_args_is_help=True, help="Write published figures to files.")
submissions_app = typer.Typer(help="Every submitted file: its status, rows and errors.")
builds_app = typer.Typer(help="The published builds, newest first.")
app.add_typer(export_app, name="export")
app.add_typer(submissions_app, name="submissions")
app.add_typer(builds_app, name="builds")
cli_report.register(app)


class ReceiptFormat(StrEnum):
    """How a receipt is printed."""

    text = "text"
    json = "json"


def _require_empty(out: Path) -> None:
    """What somebody keeps in a folder is never written over."""
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        _fail(f"{out} は空ではありません。空のフォルダを指定してください。", 2)


@app.command()
def demo(
    serve: Annotated[bool, typer.Option(help="Open the dashboard afterwards.")] = True,
    port: Annotated[int, typer.Option(help="Port of the dashboard on 127.0.0.1.")] = 8501,
) -> None:
    """Make (or reuse) the sample submissions, run everything, open the dashboard."""
    from pipelines.demo import DEMO_HOME, make_sample

    settings = _settings(home=Path(os.environ.get("KASANE_HOME", str(DEMO_HOME))))
    os.environ["KASANE_HOME"] = str(settings.root)
    made = make_sample(settings)
    typer.echo(f"見本の提出ファイルを{'作りました' if made else '使います'}: {settings.inbox_dir}")
    _refresh(settings, None)
    if serve:
        _serve(settings, port, Audience.internal)


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder for the files; must be empty or absent.")],
    municipalities: Annotated[int, typer.Option(min=1, help="How many municipalities; 63 are the real ones.")] = 63,
    months: Annotated[int, typer.Option(min=1, help="How many months from 2023-04.")] = 36,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 7,
    messy: Annotated[float, typer.Option(min=0, max=1, help="Share of files written as people send them.")] = 0.0,
    truth: Annotated[Path | None, typer.Option(help="Also write the KPIs the files must give.")] = None,
    bundle: Annotated[bool, typer.Option(help="One workbook per municipality and period.")] = False,
) -> None:
    """Write synthetic submissions as files; with --truth also what the KPIs must be."""
    from pipelines.simulate.files import write_submissions
    from pipelines.simulate.truth_files import write_truth
    from pipelines.simulate.world import WorldSpec, make_world

    _require_empty(out)
    world = make_world(WorldSpec(seed=seed, municipalities=municipalities, months=months))
    files = write_submissions(world, out, messy=messy, bundle=bundle)
    typer.echo(f"合成データの提出ファイルを {files:,} 件作りました: {out}")
    if truth is not None:
        write_truth(world, truth)
        typer.echo(f"正しい集計値を書きました: {truth}")


@app.command()
def templates(out: Annotated[Path, typer.Option(help="Folder for the forms; must be empty or absent.")]) -> None:
    """Write the Excel forms for those who submit: one a contract, with drop-downs, checks and notes."""
    from pipelines.templates.workbook import write_templates

    _require_empty(out)
    try:
        count = write_templates(_settings(), out)
    except OSError as error:
        _fail(f"{out} に書けません: {error.strerror}")
    typer.echo(f"様式の Excel を {count} 件作りました: {out}")


@app.command()
def run(
    inbox: Annotated[
        Path | None, typer.Option(help="Folder with submitted files (default: KASANE_HOME/inbox).")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], help="Rebuild what was known then (JST)."
        ),
    ] = None,
) -> None:
    """Intake, gate, dbt, protect, publish: all that is new."""
    if inbox is not None and not inbox.is_dir():
        _fail(f"{inbox} というフォルダはありません。", 2)
    _refresh(_settings(inbox=inbox), as_of)


@submissions_app.callback(invoke_without_command=True)
def submissions(
    context: typer.Context,
    form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table,
) -> None:
    """List every submission: file, municipality, form, period, status, rows, errors, arrival."""
    if context.invoked_subcommand is None:
        from pipelines.listing import print_rows, submission_rows

        print_rows(submission_rows(_settings()), form.value, sys.stdout)


@submissions_app.command("show")
def submissions_show(
    file: Annotated[str, typer.Argument(help="Name of the submitted file, or a receipt's number.")],
    form: Annotated[ReceiptFormat, typer.Option("--format", help="How to print.")] = ReceiptFormat.text,
) -> None:
    """Print the receipts of one submitted file."""
    from pipelines.listing import print_receipts, print_rows, receipts_of

    receipts = receipts_of(_settings(), file)
    if not receipts:
        _fail(f"{file} の受付票はありません。`kasane submissions` でファイル名を確かめてください。")
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

    settings = _settings()
    try:
        with _only_writer(settings):
            taken = withdraw(settings, file, reason, datetime.now(TIME_ZONE))
    except ManifestError as error:
        _fail(str(error))
    for one in taken:
        before = one.counts_again
        typer.echo(
            f"取り下げました: {one.submission.file_name} ({one.submission.form})。"
            f"これから有効な提出: {before.file_name if before else 'なし'}"
        )
    typer.echo("集計には、次の `kasane run` で反映します。")


@submissions_app.command("missing")
def submissions_missing(
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Month, like 2024-05.")],
    everything: Annotated[bool, typer.Option("--all", help="Also what came, and whether in time.")] = False,
    form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table,
) -> None:
    """List who has not sent what, with the deadline."""
    from pipelines.deadlines import NotKnown, due_in
    from pipelines.listing import print_rows

    try:
        due = due_in(_settings(), month.date())
    except NotKnown as error:
        _fail(str(error))
    listed = [one.as_row() for one in due if everything or one.timeliness == "missing"]
    if listed or form is not TableFormat.table:
        print_rows(listed, form.value, sys.stdout)
    count = sum(one.timeliness == "missing" for one in due)
    typer.echo(f"見込まれる提出 {len(due):,} 件のうち、未提出 {count:,} 件。", err=True)


@app.command()
def purge(
    before: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], help="First month to keep (default: by the setting).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be removed.")] = False,
) -> None:
    """Remove rows about persons whose retention is over from the lake; published builds and the inbox stay."""
    from pipelines.intake import retention
    from pipelines.settings import TIME_ZONE

    settings, now = _settings(), datetime.now(TIME_ZONE)
    months = settings.case_retention_months
    if before is None and months is None:
        _fail("保存期間が決まっていません。--before 2021-04 か KASANE_CASE_RETENTION_MONTHS で指定してください。", 2)
    kept_from = before.date() if before else retention.first_month_kept(now.date(), months)
    with _only_writer(settings):
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


@export_app.command("kpi")
def export_kpi(
    out: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")],
    audience: Annotated[Audience, typer.Option(help="Whose published file to read.")] = Audience.internal,
    build: Annotated[str | None, typer.Option(help="Build id (default: the one in force).")] = None,
    by: Annotated[bool, typer.Option("--by", help="The breakdowns instead of the KPIs.")] = False,
) -> None:
    """Write kpi_monthly (or its breakdowns) of a published build to a file."""
    from pipelines.builds import UnknownBuild, current_build_id
    from pipelines.publish import export_kpis

    if out.suffix not in {".csv", ".parquet"}:
        _fail(f"{out.name}: 拡張子は .csv か .parquet にしてください。", 2)
    settings = _settings()
    chosen = build or current_build_id(settings)
    if chosen is None:
        _fail("公開された版がまだありません。`kasane run` を実行してください。")
    try:
        rows = export_kpis(settings, build=chosen, audience=audience.value, by=by, out=out)
    except UnknownBuild:
        _fail(f"版 {chosen} はありません。`kasane builds` で確かめてください。")
    typer.echo(f"{rows:,} 行を書きました: {out} (版 {chosen})")


@app.command()
def disclosure(
    audience: Annotated[Audience, typer.Option(help="Whose published file.")] = Audience.public,
    form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table,
) -> None:
    """List what is hidden from an audience in the build in force, by table, KPI and area level."""
    from pipelines.builds import current_build_id, read_build_manifest
    from pipelines.listing import print_rows

    settings = _settings()
    current = current_build_id(settings)
    if current is None:
        _fail("公開された版がまだありません。`kasane run` を実行してください。")
    rows = [row for row in read_build_manifest(settings, current)["disclosure"] if row["audience"] == audience.value]
    if rows:
        print_rows(rows, form.value, sys.stdout)
    else:
        typer.echo("秘匿はありません(庁内用)。")


@app.command()
def quality() -> None:
    """Write the quality page of the last gate: one HTML file, no network needed."""
    from pipelines.quality import write_quality_page

    settings = _settings()
    if not settings.manifest_db.exists():
        _fail("まだ何も受け付けていません。`kasane run` を実行してください。")
    typer.echo(f"品質のページを書きました: {write_quality_page(settings)}")


@app.command()
def explain(
    kpi: Annotated[str, typer.Argument(help="KPI id, see docs/kpi.")],
    area: Annotated[str, typer.Option(help="Municipality code, R-<region> or the prefecture's code.")],
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Month, like 2024-05.")],
    dimension: Annotated[str | None, typer.Option(help="Breakdown; with --member.")] = None,
    member: Annotated[str | None, typer.Option(help="Member of the breakdown.")] = None,
    form: Annotated[ReceiptFormat, typer.Option("--format", help="How to print.")] = ReceiptFormat.text,
) -> None:
    """Say where a figure comes from: its parts, the models it went through, the submissions behind it."""
    from pipelines.explain import CannotExplain, print_explanation
    from pipelines.explain import explain as explained

    try:
        found = explained(_settings(), kpi, area=area, month=month.date(), dimension=dimension, member=member)
    except CannotExplain as error:
        _fail(str(error))
    print_explanation(found, form.value, sys.stdout)


@app.command()
def freshness() -> None:
    """Say how long ago the last submission came in; exit status 1 when two months' files are overdue."""
    from pipelines.freshness import freshness as judged

    found = judged(_settings())
    if found is None:
        _fail("有効な提出がまだありません。`kasane run` を実行してください。")
    if found.status == "error":
        _fail(found.line())
    typer.echo(found.line())


@builds_app.callback(invoke_without_command=True)
def builds(
    context: typer.Context,
    form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table,
) -> None:
    """List the published builds, newest first."""
    if context.invoked_subcommand is None:
        from pipelines.listing import build_rows, print_rows

        print_rows(build_rows(_settings()), form.value, sys.stdout)


@builds_app.command("diff")
def builds_diff(
    before: Annotated[str, typer.Argument(help="Build id, see `kasane builds`.")],
    after: Annotated[str, typer.Argument(help="The build to compare it with.")],
    form: Annotated[TableFormat, typer.Option("--format", help="How to print; csv: the cells.")] = TableFormat.table,
) -> None:
    """Say which KPI cells differ between two builds, and which submissions caused it."""
    from pipelines.build_diff import diff_builds, print_diff
    from pipelines.builds import UnknownBuild

    try:
        diff = diff_builds(_settings(), before, after)
    except UnknownBuild as unknown:
        _fail(f"版 {unknown} はありません。`kasane builds` で確かめてください。")
    if diff.cells is None and form is TableFormat.csv:
        _fail(
            "版のファイルが残っていないため、升目は比べられません。提出の違いは --format table か json で見られます。"
        )
    print_diff(diff, form.value, sys.stdout)


@app.command()
def rollback(build: Annotated[str, typer.Argument(help="Build id, see `kasane builds`.")]) -> None:
    """Point CURRENT at an older build."""
    from pipelines.builds import UnknownBuild, point_current_at

    try:
        point_current_at(_settings(), build)
    except UnknownBuild:
        _fail(f"版 {build} はありません。`kasane builds` で確かめてください。")
    typer.echo(f"版 {build} を表示中にしました。")


@app.command()
def dashboard(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8501,
    audience: Annotated[Audience, typer.Option(help="Whose published file to show.")] = Audience.internal,
) -> None:
    """Start the dashboard on this machine."""
    _serve(_settings(), port, audience)


@app.command()
def dagster(port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000) -> None:
    """Start Dagster's own pages, with the inbox sensor, on this machine."""
    from pipelines.run import prepare_environment

    settings = _settings()
    prepare_environment(settings)
    os.environ["KASANE_HOME"] = str(settings.root)
    command = [str(Path(sys.executable).with_name("dagster")), "dev", "-m", "pipelines.definitions"]
    raise typer.Exit(subprocess.call([*command, "--host", "127.0.0.1", "--port", str(port)]))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="File to write (a zip); must not be there.")]) -> None:
    """Write manifest, lake, receipts, reference tables and published builds to one file; the secret stays out."""
    from pipelines.backup import BackupError, write_backup
    from pipelines.settings import TIME_ZONE

    settings = _settings()
    try:
        with _only_writer(settings):
            facts = write_backup(settings, file, datetime.now(TIME_ZONE))
    except BackupError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{file} に書けません: {error.strerror}")
    typer.echo(f"控えを書きました: {file} ({len(facts.files):,} ファイル、{file.stat().st_size / 1024**2:,.1f} MiB)")
    typer.echo(f"鍵は入っていません。別の場所に保管してください: {settings.rekey_secret}")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that `kasane backup` wrote.")]) -> None:
    """Make an empty KASANE_HOME what it was when the backup was made."""
    from pipelines.backup import BackupError, restore_backup

    settings = _settings()
    try:
        with _only_writer(settings):
            facts = restore_backup(settings, file)
    except BackupError as error:
        _fail(str(error))
    typer.echo(f"{facts.created_at:%Y-%m-%d %H:%M} の控えを戻しました: {settings.root} ({len(facts.files):,} ファイル)")
    typer.echo(f"次に、別に保管した鍵を {settings.rekey_secret} に戻し、`kasane doctor` で確かめてください。")


@app.command()
def doctor() -> None:
    """Look at everything of this home: environment, secret, manifest, lake, receipts, inbox, published builds."""
    from pipelines.doctor import examine

    bad = 0
    for one in examine(_settings()):
        typer.echo(f"[{one.state}] {one.subject}: {one.said}")
        bad += one.state == "異常"
    if bad:
        _fail(f"{bad} 件の異常があります。")


@contextmanager
def _only_writer(settings: Any) -> Iterator[None]:
    from pipelines.exclusive import only_writer

    with only_writer(settings, on_wait=lambda: typer.echo("ほかの処理が終わるのを待っています。", err=True)):
        yield


def _refresh(settings: Any, as_of: datetime | None) -> None:
    from rich.console import Console

    from pipelines.builds import current_build_id
    from pipelines.listing import summary_lines
    from pipelines.progress import OnConsole
    from pipelines.run import RunFailed, nothing_new, refresh
    from pipelines.settings import TIME_ZONE

    known_as_of = as_of.replace(tzinfo=TIME_ZONE) if as_of else None
    try:
        if as_of is None and nothing_new(settings):
            typer.echo(f"新しいものはありません。表示中の版: {current_build_id(settings)}")
            return
        progress = OnConsole(Console(stderr=True))
        try:
            refresh(settings, progress=progress, as_of=known_as_of)
        except BaseException:
            progress.close(failed=True)
            raise
        progress.close()
    except RunFailed as error:
        _fail(f"処理を中止しました。表示中の版はそのままです。\n{error}")
    for line in summary_lines(settings, known_as_of):
        typer.echo(line)


def _serve(settings: Any, port: int, audience: Audience) -> None:
    command = [sys.executable, "-m", "dashboards", "--port", str(port), "--audience", audience.value]
    os.environ["KASANE_HOME"] = str(settings.root)
    raise typer.Exit(subprocess.call(command))


if __name__ == "__main__":
    app()
