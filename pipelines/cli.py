"""The command line: parse, call, print. What a command does lives in the module it calls.

Nothing heavy is imported at the top: `kasane --help` must answer at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
export_app = typer.Typer(no_args_is_help=True, help="Write published figures to files.")
submissions_app = typer.Typer(help="Every submitted file: its status, rows and errors.")
app.add_typer(export_app, name="export")
app.add_typer(submissions_app, name="submissions")


class Audience(StrEnum):
    """Who may read a published file."""

    internal = "internal"
    adviser = "adviser"
    public = "public"


class TableFormat(StrEnum):
    """How a list is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def _fail(message: str, code: int = 1) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _settings(**overrides: Any) -> Any:
    from pydantic import ValidationError

    from pipelines.settings import Settings

    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        names = "、".join("KASANE_" + str(item["loc"][0]).upper() for item in error.errors())
        _fail(f"設定に誤りがあります: {names}", 2)


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
    from pipelines.simulate.truth import write_truth
    from pipelines.simulate.world import WorldSpec, make_world

    if out.exists() and any(out.iterdir()):
        _fail(f"{out} は空ではありません。空のフォルダを指定してください。", 2)
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
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], help="Rebuild what was known then (JST)."
        ),
    ] = None,
) -> None:
    """Intake, gate, dbt, protect, publish: all that is new."""
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
def submissions_show(file: Annotated[str, typer.Argument(help="Name of the submitted file.")]) -> None:
    """Print the receipts of one submitted file."""
    from pipelines.listing import receipts_of

    receipts = receipts_of(_settings(), file)
    if not receipts:
        _fail(f"{file} の受付票はありません。`kasane submissions` でファイル名を確かめてください。")
    for receipt in receipts:
        typer.echo(receipt)


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
def builds(form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table) -> None:
    """List the published builds, newest first."""
    from pipelines.listing import build_rows, print_rows

    print_rows(build_rows(_settings()), form.value, sys.stdout)


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


def _refresh(settings: Any, as_of: datetime | None) -> None:
    from rich.console import Console

    from pipelines.builds import current_build_id
    from pipelines.listing import summary_lines
    from pipelines.progress import OnConsole
    from pipelines.run import RunFailed, nothing_new, refresh
    from pipelines.settings import TIME_ZONE

    try:
        if as_of is None and nothing_new(settings):
            typer.echo(f"新しいものはありません。表示中の版: {current_build_id(settings)}")
            return
        progress = OnConsole(Console(stderr=True))
        known_as_of = as_of.replace(tzinfo=TIME_ZONE) if as_of else None
        try:
            refresh(settings, progress=progress, as_of=known_as_of)
        except BaseException:
            progress.close(failed=True)
            raise
        progress.close()
    except RunFailed as error:
        _fail(f"処理を中止しました。表示中の版はそのままです。\n{error}")
    for line in summary_lines(settings):
        typer.echo(line)


def _serve(settings: Any, port: int, audience: Audience) -> None:
    command = [sys.executable, "-m", "dashboards", "--port", str(port), "--audience", audience.value]
    os.environ["KASANE_HOME"] = str(settings.root)
    raise typer.Exit(subprocess.call(command))


if __name__ == "__main__":
    app()
