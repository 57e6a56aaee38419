"""KPIs: the catalogue, values by area and month, breakdowns, intervals, signals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboards.data.door import Edition, ask, ask_part

CELL = "numerator, denominator, value, completeness, submitted_areas, expected_areas, mark"


def catalogue(edition: Edition, kpi_ids: Sequence[str]) -> pd.DataFrame:
    """1 row = one of `kpi_ids` this edition has, in the order asked: kpi_id, label_ja, kind, unit, counts_persons, formula_ja."""
    return ask(
        edition,
        """
        select kpi_id, label_ja, kind, unit, counts_persons, formula_ja from kpi_catalogue
        where list_contains($1::varchar[], kpi_id) order by list_position($1::varchar[], kpi_id)
        """,
        tuple(kpi_ids),
    )


def catalogue_full(edition: Edition) -> pd.DataFrame:
    """1 row = one KPI of the edition, in catalogue order: kpi_id, label_ja, kind, unit, per, direction, formula_ja,
    why_it_matters, source, owner, reviewed_on, counts_persons, adds_over_time, forms (list of form ids)."""
    return ask(
        edition,
        """
        select kpi_id, label_ja, kind, unit, per, direction, formula_ja, why_it_matters, source, owner, reviewed_on,
            counts_persons, adds_over_time, forms
        from kpi_catalogue order by sort, kpi_id
        """,
    )


def dimensions(edition: Edition) -> pd.DataFrame:
    """1 row = KPI × breakdown: kpi_id, dimension, label_ja, code_list."""
    return ask(edition, "select kpi_id, dimension, label_ja, code_list from kpi_dimension order by all")


def kpi_history(edition: Edition, kpi_id: str, area_level: str) -> pd.DataFrame:
    """1 row = area × month of one KPI: area_code, period, numerator, denominator (Int64), value, completeness,
    submitted_areas, expected_areas, mark. Numbers are null where mark is not."""
    return ask(
        edition,
        f"select area_code, period, {CELL} from kpi_monthly where kpi_id = $1 and area_level = $2 order by period, area_code",
        kpi_id,
        area_level,
    )


def kpi_area(edition: Edition, kpi_ids: Sequence[str], area_code: str) -> pd.DataFrame:
    """1 row = KPI × month of one area, by KPI in the order asked, then month: kpi_id, kpi_label_ja, kind, unit and the
    columns of `kpi_history`; counts_persons; senders (equal where the same municipalities sent)."""
    return ask_part(
        edition,
        area_code,
        f"""
        with sender as (
            select k.kpi_id, k.period, k.area_code as sender, unnest([k.area_code, a.region_code, whole.area_code]) as area_code
            from kpi_monthly as k join dim_area as a using (area_level, area_code)
            join dim_area as whole on whole.area_level = 'prefecture'
            where k.area_level = 'municipality' and k.submitted_areas = 1 and list_contains($1::varchar[], k.kpi_id)
        ),
        sent as (
            select kpi_id, period, area_code, cast(bit_xor(hash(sender)) as varchar) as senders from sender group by all
        )
        select k.area_code as part, k.kpi_id, c.label_ja as kpi_label_ja, c.kind, c.unit, c.counts_persons, k.area_code,
            k.period, {CELL}, coalesce(sent.senders, '') as senders
        from kpi_monthly as k join kpi_catalogue as c using (kpi_id) left join sent using (kpi_id, period, area_code)
        where list_contains($1::varchar[], k.kpi_id)
        order by list_position($1::varchar[], k.kpi_id), k.period
        """,
        tuple(kpi_ids),
    )


def kpi_month(edition: Edition, period: date, kpi_ids: Sequence[str], area_level: str = "municipality") -> pd.DataFrame:
    """1 row = area of the level × KPI of one month, by area then in the order of `kpi_ids`.

    Columns: area_code, area_label_ja, region_label_ja, kpi_id, kpi_label_ja, kind, unit, period, numerator, denominator
    (Int64), value, mark, completeness.
    """
    return ask_part(
        edition,
        pd.Timestamp(period),
        """
        select k.period as part, k.area_code, a.label_ja as area_label_ja, r.label_ja as region_label_ja, k.kpi_id,
            c.label_ja as kpi_label_ja, c.kind, c.unit, k.period, k.numerator, k.denominator, k.value, k.mark, k.completeness
        from kpi_monthly as k
        join kpi_catalogue as c using (kpi_id)
        join dim_area as a on a.area_level = k.area_level and a.area_code = k.area_code
        left join dim_area as r on r.area_level = 'region' and r.area_code = a.region_code
        where k.area_level = $2 and list_contains($1::varchar[], k.kpi_id)
        order by a.sort, k.area_code, list_position($1::varchar[], k.kpi_id)
        """,
        tuple(kpi_ids),
        area_level,
    )


def kpi_by(edition: Edition, kpi_id: str, dimension: str, area_code: str) -> pd.DataFrame:
    """1 row = month × member of one breakdown in one area, by month then code order: period, member, member_label_ja,
    numerator, denominator (Int64), value, completeness, submitted_areas, expected_areas, mark."""
    return ask_part(
        edition,
        area_code,
        f"""
        select k.area_code as part, k.period, k.member, coalesce(l.label_ja, k.member) as member_label_ja, {CELL}
        from kpi_monthly_by as k
        left join kpi_dimension as d on d.kpi_id = k.kpi_id and d.dimension = k.dimension
        left join code_label as l on l.code_list = d.code_list and l.code = k.member
        where k.kpi_id = $1 and k.dimension = $2 order by k.period, l.sort, k.member
        """,
        kpi_id,
        dimension,
    )


def kpi_interval(edition: Edition, kpi_id: str, area_level: str) -> pd.DataFrame:
    """1 row = area × month: area_code, period, method, lower_95, upper_95, funnel_centre, funnel_lower_95, funnel_upper_95,
    funnel_lower_998, funnel_upper_998, mark. In the unit of `value`; funnel null but for shares and rates of municipalities."""
    return ask(
        edition,
        """
        select area_code, period, method, lower_95, upper_95, funnel_centre, funnel_lower_95, funnel_upper_95,
            funnel_lower_998, funnel_upper_998, mark
        from kpi_interval where kpi_id = $1 and area_level = $2 order by period, area_code
        """,
        kpi_id,
        area_level,
    )


def kpi_signal(edition: Edition, area_code: str) -> pd.DataFrame:
    """1 row = KPI of one area with a control chart: kpi_id, method {xmr, poisson}, months, first_period, last_period, centre,
    lower, upper, signals (list of {period, rule}), mark."""
    return ask_part(
        edition,
        area_code,
        """
        select area_code as part, kpi_id, method, months, first_period, last_period, centre, lower, upper, signals, mark
        from kpi_signal order by kpi_id
        """,
    )


def marks(edition: Edition, period: date) -> pd.DataFrame:
    """1 row = KPI over the municipalities of one month, in catalogue order: kpi_id, label_ja, cells, known, hidden, missing,
    not_owed (counts of cells)."""
    return ask(
        edition,
        """
        select k.kpi_id, c.label_ja, count(*) as cells, count(*) filter (where k.mark is null) as known,
            count(*) filter (where k.mark = 'x') as hidden, count(*) filter (where k.mark = '…') as missing,
            count(*) filter (where k.mark = '-') as not_owed
        from kpi_monthly as k join kpi_catalogue as c using (kpi_id)
        where k.area_level = 'municipality' and k.period = $1
        group by k.kpi_id, c.label_ja, c.sort order by c.sort, k.kpi_id
        """,
        period,
    )
