"""The linter for machine-readable tables finds what is planted, and nothing in our own files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dashboards import data
from dashboards.app_pages.progress import KPIS
from dashboards.exports import table_csv
from dashboards.machine_readable import findings
from dashboards.parts import kpi_views, progress, way

GOOD = "団体コード,市町村,年月,件数(件),件数の記号\n111007,さいたま市,2024-05,12,\n112011,川越市,2024-05,,x\n"

PLANTED = {
    "UTF-8(BOM付き)でない": GOOD.encode("cp932"),
    "項目名が空": GOOD.replace("件数(件)", "").encode("utf-8-sig"),
    "項目名が重複": GOOD.replace("件数の記号", "件数(件)").encode("utf-8-sig"),
    "地域コードがない": GOOD.replace("団体コード", "番号").encode("utf-8-sig"),
    "列の数が項目名と違う": GOOD.replace("12,", "12,,").encode("utf-8-sig"),
    "空の行": (GOOD + ",,,,\n").encode("utf-8-sig"),
    "表の途中に項目名": (GOOD + GOOD.splitlines()[0] + "\n").encode("utf-8-sig"),
    "セルの中で改行": GOOD.replace("川越市", '"川越\n市"').encode("utf-8-sig"),
    "体裁を整える空白": GOOD.replace("川越市", "川越市 ").encode("utf-8-sig"),
    "機種依存文字": GOOD.replace("川越市", "①川越市").encode("utf-8-sig"),
    "年月日が西暦でない": GOOD.replace("2024-05", "令和6年5月").encode("utf-8-sig"),
    "数値のセルに数値でない文字": GOOD.replace(",12,", ',"1,200件",').encode("utf-8-sig"),
}


def test_a_good_table_has_no_finding() -> None:
    assert findings(GOOD.encode("utf-8-sig")) == []


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_breach_is_found(rule: str) -> None:
    assert rule in {finding.rule for finding in findings(PLANTED[rule])}


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_our_own_tables_keep_the_rules(sample_home: Path, audience: str) -> None:
    edition = data.current_edition(audience, sample_home)
    month = date(2024, 5, 1)
    tables = [
        kpi_views.month_table(edition, month, KPIS),
        kpi_views.month_table(edition, month, progress.REGIONAL, "region"),
        way.path_table(edition, month),
        progress.without_window(edition, month),
        progress.plan_table(edition, month)[0],
        progress.national_table(edition)[0],
    ]
    assert {table.slug: found for table in tables if (found := findings(table_csv(table)))} == {}
