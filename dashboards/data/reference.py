"""What does not change from page to page: months, areas, code labels, forms, printed figures, the build."""

from __future__ import annotations

import pandas as pd

from dashboards.data.door import Edition, ask, ask_part


def months(edition: Edition) -> pd.DataFrame:
    """1 row = one month, newest first: period, label_ja, fiscal_year, fiscal_year_label_ja."""
    return ask(
        edition, "select period, label_ja, fiscal_year, fiscal_year_label_ja from dim_month order by period desc"
    )


def areas(edition: Edition) -> pd.DataFrame:
    """1 row = one area, prefecture first, then regions, then municipalities: area_level, area_code, label_ja, region_code."""
    return ask(
        edition,
        """
        select area_level, area_code, label_ja, region_code from dim_area
        order by list_position(['prefecture', 'region', 'municipality'], area_level), sort, area_code
        """,
    )


def municipalities_of(edition: Edition, area_code: str) -> tuple[str, ...]:
    """Codes of the municipalities of an area: all of the prefecture, those of a region, or the one itself."""
    found = areas(edition)
    towns = found[found["area_level"] == "municipality"]
    if area_code == edition.prefecture_code:
        return tuple(towns["area_code"])
    return tuple(towns.loc[(towns["area_code"] == area_code) | (towns["region_code"] == area_code), "area_code"])


def tiles(edition: Edition) -> pd.DataFrame:
    """1 row = one municipality: area_code, name, tile_label, tile_col, tile_row."""
    return ask(
        edition,
        """
        select municipality_code as area_code, name, tile_label, tile_col, tile_row
        from dim_municipality order by municipality_code
        """,
    )


def municipality(edition: Edition, code: str) -> pd.DataFrame:
    """One row (none if unknown): municipality_code, name, kind, region_label_ja, population_2020, pop_65plus,
    households_general, households_single, households_elderly_single, has_welfare_office, peers (list of codes, nearest first)."""
    return ask_part(
        edition,
        code,
        """
        select m.municipality_code as part, m.municipality_code, m.name, m.kind, r.label_ja as region_label_ja,
            m.population_2020, m.pop_65plus, m.households_general, m.households_single,
            m.households_elderly_single, m.has_welfare_office, m.peers
        from dim_municipality as m
        left join dim_area as r on r.area_level = 'region' and r.area_code = m.region_code
        """,
    )


def code_labels(edition: Edition, code_list: str) -> dict[str, str]:
    """Code → label of one list, in its order."""
    frame = ask(edition, "select code, label_ja from code_label where code_list = $1 order by sort, code", code_list)
    return dict(zip(frame["code"], frame["label_ja"], strict=True))


def forms(edition: Edition) -> pd.DataFrame:
    """1 row = one form: form, label_ja, cadence, sender."""
    return ask(edition, "select form, label_ja, cadence, sender from form_label")


def published_figures(edition: Edition, figure: str, area: str) -> pd.DataFrame:
    """1 row = one printed figure, oldest first: as_of (ISO date or FY<year>), value, unit, status, source."""
    return ask(
        edition,
        """
        select as_of, value, unit, status, source from published_figure
        where figure = $1 and area = $2 order by as_of
        """,
        figure,
        area,
    )


def builds(edition: Edition) -> pd.DataFrame:
    """The one row of this edition's build, every column of the table `build`."""
    return ask(edition, "select * from build")
