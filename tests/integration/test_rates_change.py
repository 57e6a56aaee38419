"""A rate of the grant that changes with a fiscal year, a second row of the reference table: from the gate to the marts."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb

from pipelines.assets.warehouse import lay_out
from pipelines.dbt import run_dbt
from pipelines.settings import Settings
from tests.factories.clerks import NOW, Clerks, consultations, table
from tests.factories.parsed_project import fit

COMPONENT = "multi_agency"
GRANT = {
    "municipality_code": "112011",
    "component": COMPONENT,
    "stage": "decision",
    "seq": "1",
    "total_cost": "4000000",
    "other_income": "0",
    "base_amount": "4000000",
    "eligible_actual": "4000000",
}
HALF = {"national_share": "2000000", "prefectural_share": "1000000", "municipal_share": "1000000"}
TWO_THIRDS = {"national_share": "2666000", "prefectural_share": "666000", "municipal_share": "668000"}


def change_the_rate(settings: Settings, year: int) -> None:
    """国 1/2, 県 1/4 until the year before; 国 2/3, 県 1/6 from then on."""
    with settings.reference("grant_components.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    (old,) = [row for row in rows if row["component"] == COMPONENT]
    assert (old["national_rate"], old["prefectural_rate"]) == ("1/2", "1/4")
    new = old | {"national_rate": "2/3", "prefectural_rate": "1/6", "valid_from_fy": str(year)}
    old["valid_to_fy"] = str(year - 1)
    own = settings.root / "reference" / "grant_components.csv"
    own.parent.mkdir(parents=True)
    with own.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(old))
        writer.writeheader()
        writer.writerows([*rows, new])
    assert settings.reference("grant_components.csv") == own


def build(settings: Settings, target: Path) -> None:
    lay_out(settings)
    wanted = ("--select", "+grant_reconciliation", "+code_label", "--indirect-selection", "buildable")
    done = run_dbt("build", *wanted, warehouse=settings.warehouse_db, target=target)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_year_is_judged_by_its_own_rate(settings: Settings, tmp_path: Path, parsed_project: Path) -> None:
    change_the_rate(settings, 2025)
    clerks = Clerks(settings)
    files = {
        "埼玉県_grant_2024年度.csv": [HALF, TWO_THIRDS | {"municipality_code": "112020"}],
        "埼玉県_grant_2025年度.csv": [TWO_THIRDS, HALF | {"municipality_code": "112020"}],
    }
    for name, rows in files.items():
        year = int(name[-10:-6])
        clerks.put(name, table("grant", *(GRANT | {"dated_on": f"{year}-07-01"} | row for row in rows)))
        clerks.put(f"川越市_consultation_{year}-07.csv", consultations(f"{year}-07", "U-1"))
    assert clerks.run(NOW.replace(year=2025)).by_status == {"accepted": 4}
    for name in files:
        warned = {(line["rule"], line["row"]) for line in clerks.receipt(name)["warnings"]}
        assert warned == {("share_matches_rate", 3)}, name

    target = shutil.copytree(parsed_project, tmp_path / "dbt")
    fit(target, settings.warehouse_db)
    build(settings, target)
    with duckdb.connect(str(settings.warehouse_db), read_only=True) as con:
        granted = con.execute("select fiscal_year, count(*) from published.grant_component group by 1 order by 1")
        assert granted.fetchall() == [(2024, 2), (2025, 2)]
        found = con.execute(
            "select fiscal_year, municipality_code, amount, expected_yen, found_yen from published.grant_reconciliation"
            " where finding = 'share_off_rate' order by all"
        ).fetchall()
        assert found == [
            (2024, "112020", "national", 2_000_000, 2_666_000),
            (2024, "112020", "prefectural", 1_000_000, 666_000),
            (2025, "112020", "national", 2_666_000, 2_000_000),
            (2025, "112020", "prefectural", 666_000, 1_000_000),
        ]
        labels = con.execute(
            "select count(*) from published.code_label where code_list = 'grant_component' and code = ?", [COMPONENT]
        ).fetchone()
        assert labels == (1,)
