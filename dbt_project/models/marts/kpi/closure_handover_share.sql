-- Grain: one municipality × month (see kpi_rows).
with closed as (
    select
        municipality_code,
        {{ each_month_after('closed_ym', 0, 11) }} as period,
        closure_type
    from {{ ref('fct_case') }}
    where closed_ym is not null
)

{{ kpi_rows(
    'closed',
    numerator="count(*) filter (where closure_type = 'C1')",
    denominator='count(*)'
) }}
