"""The grant: yen by municipality, component and stage, and what does not add up. No persons, never suppressed."""

from __future__ import annotations

import pandas as pd

from dashboards.data.door import Edition, ask


def grant_component(edition: Edition, fiscal_year: int) -> pd.DataFrame:
    """1 row = municipality × component × stage of one fiscal year: municipality_code, municipality_label_ja, component,
    component_label_ja, stage, dated_on, instalments, total_cost, eligible_actual, selected, national_share,
    prefectural_share, municipal_share (yen, Int64)."""
    return ask(
        edition,
        """
        select g.municipality_code, m.name as municipality_label_ja, g.component,
            coalesce(c.label_ja, g.component) as component_label_ja, g.stage, g.dated_on, g.instalments, g.total_cost,
            g.eligible_actual, g.selected, g.national_share, g.prefectural_share, g.municipal_share
        from grant_component as g
        join dim_municipality as m using (municipality_code)
        left join code_label as c on c.code_list = 'grant_component' and c.code = g.component
        left join code_label as s on s.code_list = 'grant_stage' and s.code = g.stage
        where g.fiscal_year = $1 order by g.municipality_code, c.sort, g.component, s.sort
        """,
        fiscal_year,
    )


def grant_reconciliation(edition: Edition, fiscal_year: int) -> pd.DataFrame:
    """1 row = one finding: municipality_code, municipality_label_ja, component_label_ja (null for the lump), stage_label_ja,
    finding, amount, expected_yen, found_yen, difference_yen (Int64), verified."""
    return ask(
        edition,
        """
        select r.municipality_code, m.name as municipality_label_ja, coalesce(c.label_ja, r.component) as component_label_ja,
            s.label_ja as stage_label_ja, r.finding, r.amount, r.expected_yen, r.found_yen, r.difference_yen, r.verified
        from grant_reconciliation as r
        join dim_municipality as m using (municipality_code)
        left join code_label as c on c.code_list = 'grant_component' and c.code = r.component
        left join code_label as s on s.code_list = 'grant_stage' and s.code = r.stage
        where r.fiscal_year = $1 order by r.municipality_code, r.finding, r.component nulls first, r.stage, r.amount
        """,
        fiscal_year,
    )
