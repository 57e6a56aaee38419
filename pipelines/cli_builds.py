"""`kasane builds …`, `kasane export …`, and what else asks about published builds: rollback, explain, freshness."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_common import Audience, ReceiptFormat, TableFormat, fail, load_settings, only_writer
from pipelines.os_reasons import os_reason

builds_app = typer.Typer(help="The published builds, newest first.")
export_app = typer.Typer(no_args_is_help=True, help="Write published figures to files.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.add_typer(builds_app, name="builds")
    app.add_typer(export_app, name="export")
    for command in (rollback, explain, freshness):
        app.command()(command)


@builds_app.callback(invoke_without_command=True)
def builds(
    context: typer.Context,
    form: Annotated[TableFormat, typer.Option("--format", help="How to print.")] = TableFormat.table,
) -> None:
    """List the published builds, newest first."""
    if context.invoked_subcommand is None:
        from pipelines.builds import DamagedBuild, damaged_builds
        from pipelines.listing import BUILD_COLUMNS, build_rows, print_rows

        settings = load_settings()
        print_rows(build_rows(settings), form.value, sys.stdout, columns=BUILD_COLUMNS)
        if damaged := damaged_builds(settings):
            raise DamagedBuild("".join(damaged))


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
        diff = diff_builds(load_settings(), before, after)
    except UnknownBuild as unknown:
        fail(f"版 {unknown} はありません。`kasane builds` で確かめてください。")
    if diff.cells is None and form is TableFormat.csv:
        fail("版のファイルが残っていないため、升目は比べられません。提出の違いは --format table か json で見られます。")
    print_diff(diff, form.value, sys.stdout)


def rollback(build: Annotated[str, typer.Argument(help="Build id, see `kasane builds`.")]) -> None:
    """Put an older build in force, until something new arrives."""
    from pipelines.builds import Replay, UnknownBuild, go_back_to

    settings = load_settings()
    try:
        with only_writer(settings):
            go_back_to(settings, build)
    except UnknownBuild:
        fail(f"版 {build} はありません。`kasane builds` で確かめてください。")
    except Replay:
        fail(f"版 {build} は過去時点の再現(--as-of)なので、表示中にはできません。")
    typer.echo(f"版 {build} を表示中にしました。新しいものが届くまで、このままです。")


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
        fail(f"{out.name}: 拡張子は .csv か .parquet にしてください。", 2)
    settings = load_settings()
    chosen = build or current_build_id(settings)
    if chosen is None:
        fail("公開された版がまだありません。`kasane run` を実行してください。")
    try:
        rows = export_kpis(settings, build=chosen, audience=audience.value, by=by, out=out)
    except UnknownBuild:
        fail(f"版 {chosen} はありません。`kasane builds` で確かめてください。")
    except OSError as error:
        fail(f"{out} に書けません: {os_reason(error)}")
    typer.echo(f"{rows:,} 行を書きました: {out} (版 {chosen})")


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
        found = explained(load_settings(), kpi, area=area, month=month.date(), dimension=dimension, member=member)
    except CannotExplain as error:
        fail(str(error))
    print_explanation(found, form.value, sys.stdout)


def freshness() -> None:
    """Say how long ago the last submission came in; exit status 1 when two months' files are overdue."""
    from pipelines.dbt import DbtFailed
    from pipelines.freshness import freshness as judged

    try:
        found = judged(load_settings())
    except DbtFailed as error:
        fail(f"dbt が動かなかったので、調べられませんでした。`kasane doctor` で環境を確かめてください。\n{error}")
    if found is None:
        fail("有効な提出がまだありません。`kasane run` を実行してください。")
    if found.status == "error":
        fail(found.line())
    typer.echo(found.line())
