"""比較: any KPI, one municipality beside others. No ranks."""

from __future__ import annotations

from dashboards import data
from dashboards.components import filters
from dashboards.components.canvas import Canvas
from dashboards.data import Edition
from dashboards.frames import rows_of
from dashboards.parts import comparison as parts
from dashboards.parts import kpi_views
from dashboards.parts.municipality import companions

TITLE = "比較"


def show(edition: Edition) -> None:
    """Draw the page for the month, KPI, municipality and comparison named in the address."""
    canvas = Canvas(edition, "comparison")
    notices, place = canvas.heading(TITLE, "違いは偶然の幅の中か外か。似た市町村ではどうか。")
    # A share shows the funnel; it is the natural first choice.
    kpis = sorted(rows_of(data.catalogue_full(edition)), key=lambda kpi: kpi.kpi_id != "complex_share")
    with place:
        month = filters.choose_month(edition, notices)
        kpi_id = filters.choose("compare_kpi", "指標", {str(k.kpi_id): str(k.label_ja) for k in kpis}, notices)
        code = filters.choose_area(edition, notices, "municipality")
        comparison = filters.choose_comparison(notices)
    canvas.section("県全体のなかで")
    canvas.figure(parts.funnel_figure(edition, month, kpi_id, code))
    canvas.section(f"比べる相手: {filters.COMPARISONS[comparison]}")
    canvas.figure(parts.beside_figure(edition, month, kpi_id, code, companions(edition, code, comparison)))
    canvas.section("地域別と市町村別の値")
    canvas.table(kpi_views.month_table(edition, month, (kpi_id,), "region"))
    canvas.table(kpi_views.month_table(edition, month, (kpi_id,)), ("並びは団体コードの順で、順位ではありません。",))
