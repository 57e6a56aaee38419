"""The command line: parse, call, print. What a command does lives in the module it calls.

Nothing heavy is imported at the top: `kasane --help` must answer at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import cli_builds, cli_report, cli_submissions
from pipelines.cli_common import Audience, TableFormat, fail, load_settings, moment, only_writer, require_empty
from pipelines.cli_refusals import Commands
from pipelines.os_reasons import os_reason
from pipelines.terminal import printable

app = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
for module in (cli_submissions, cli_builds, cli_report):
    module.register(app)


@app.command()
def demo(
    serve: Annotated[bool, typer.Option(help="Open the dashboard afterwards.")] = True,
    port: Annotated[int, typer.Option(help="Port of the dashboard on 127.0.0.1.")] = 8501,
) -> None:
    """Make (or reuse) the sample submissions, run everything, open the dashboard."""
    from pipelines.demo import DEMO_HOME, InboxTaken, make_sample

    settings = load_settings(home=Path(os.environ.get("KASANE_HOME", str(DEMO_HOME))))
    os.environ["KASANE_HOME"] = str(settings.root)
    try:
        made = make_sample(settings)
    except InboxTaken as error:
        fail(str(error))
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

    require_empty(out)
    if truth is not None:
        truth.mkdir(parents=True, exist_ok=True)  # where it cannot be, that is said before the long work
    world = make_world(WorldSpec(seed=seed, municipalities=municipalities, months=months))
    files = write_submissions(world, out, messy=messy, bundle=bundle)
    typer.echo(f"合成データの提出ファイルを {files:,} 件作りました: {out}")
    if truth is not None:
        write_truth(world, truth)
        typer.echo(f"正しい集計値を書きました: {truth}")


@app.command()
def run(
    inbox: Annotated[
        Path | None, typer.Option(help="Folder with submitted files (default: KASANE_HOME/inbox).")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            parser=moment,
            metavar="<day or time>",
            help="Rebuild what was known then (JST): 2024-06-10, the end of that day, or 2024-06-10T09:00.",
        ),
    ] = None,
) -> None:
    """Intake, gate, dbt, protect, publish: all that is new."""
    if inbox is not None and not inbox.is_dir():
        fail(f"{inbox} というフォルダはありません。", 2)
    _refresh(load_settings(inbox=inbox), as_of)


@app.command()
def disclosure(
    audience: Annotated[Audience, typer.Option(help="Whose published file.")] = Audience.public,
    form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table,
) -> None:
    """List what is hidden from an audience in the build in force, by table, KPI and area level."""
    from pipelines.builds import current_build_id, read_build_manifest
    from pipelines.listing import print_rows
    from pipelines.protected_files import shares

    settings = load_settings()
    current = current_build_id(settings)
    if current is None:
        fail("公開された版がまだありません。`kasane run` を実行してください。")
    told = [row | shares(row) for row in read_build_manifest(settings, current)["disclosure"]]
    rows = [row for row in told if row["audience"] == audience.value]
    if rows or form is not TableFormat.table:
        print_rows(rows, form.value, sys.stdout, columns=list(told[0]))
    else:
        typer.echo("秘匿はありません(庁内用)。")


@app.command()
def dashboard(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8501,
    audience: Annotated[Audience, typer.Option(help="Whose published file to show.")] = Audience.internal,
) -> None:
    """Start the dashboard on this machine."""
    _serve(load_settings(), port, audience)


@app.command()
def dagster(port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000) -> None:
    """Start Dagster's own pages, with the inbox sensor, on this machine."""
    from pipelines.run import prepare_environment

    settings = load_settings()
    prepare_environment(settings)
    os.environ["KASANE_HOME"] = str(settings.root)
    command = [str(Path(sys.executable).with_name("dagster")), "dev", "-m", "pipelines.definitions"]
    raise typer.Exit(subprocess.call([*command, "--host", "127.0.0.1", "--port", str(port)]))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="File to write (a zip); must not be there.")]) -> None:
    """Write manifest, lake, receipts, reference tables and published builds to one file; the secret stays out."""
    from pipelines.backup import BackupError, write_backup
    from pipelines.settings import TIME_ZONE

    settings = load_settings()
    try:
        with only_writer(settings):
            facts = write_backup(settings, file, datetime.now(TIME_ZONE))
    except BackupError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{file} に書けません: {os_reason(error)}")
    typer.echo(f"控えを書きました: {file} ({len(facts.files):,} ファイル、{file.stat().st_size / 1024**2:,.1f} MiB)")
    typer.echo(f"鍵は入っていません。別の場所に保管してください: {settings.rekey_secret}")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that `kasane backup` wrote.")]) -> None:
    """Make an empty KASANE_HOME what it was when the backup was made."""
    from pipelines.backup import BackupError, restore_backup

    settings = load_settings()
    try:
        with only_writer(settings):
            facts = restore_backup(settings, file)
    except BackupError as error:
        fail(str(error))
    typer.echo(f"{facts.created_at:%Y-%m-%d %H:%M} の控えを戻しました: {settings.root} ({len(facts.files):,} ファイル)")
    typer.echo(f"次に、別に保管した鍵を {settings.rekey_secret} に戻し、`kasane doctor` で確かめてください。")


@app.command()
def doctor() -> None:
    """Look at everything of this home: environment, secret, manifest, lake, receipts, inbox, published builds."""
    from pipelines.doctor import examine

    bad = 0
    for one in examine(load_settings()):
        typer.echo(f"[{one.state}] {one.subject}: {printable(one.said)}")
        bad += one.state == "異常"
    if bad:
        fail(f"{bad} 件の異常があります。")


def _refresh(settings: Any, as_of: datetime | None) -> None:
    from rich.console import Console

    from pipelines.builds import current_build_id
    from pipelines.listing import arrived_lines, summary_lines
    from pipelines.progress import OnConsole
    from pipelines.run import RunFailed, nothing_new, refresh

    try:
        if as_of is None and nothing_new(settings):
            typer.echo(f"新しいものはありません。表示中の版: {current_build_id(settings)}")
            return
        progress = OnConsole(Console(stderr=True))
        try:
            refresh(settings, progress=progress, as_of=as_of)
        except BaseException:
            progress.close(failed=True)
            raise
        progress.close()
    except RunFailed as error:
        if current_build_id(settings):
            fail(f"処理を中止しました。表示中の版はそのままです。\n{error}")
        fail("\n".join(["処理を中止しました。公開した版はまだありません。", str(error), *arrived_lines(settings)]))
    for line in summary_lines(settings, as_of):
        typer.echo(line)


def _serve(settings: Any, port: int, audience: Audience) -> None:
    command = [sys.executable, "-m", "dashboards", "--port", str(port), "--audience", audience.value]
    os.environ["KASANE_HOME"] = str(settings.root)
    raise typer.Exit(subprocess.call(command))


if __name__ == "__main__":
    app()
