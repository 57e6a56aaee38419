-- Grain: one municipality × month (see kpi_rows).
with supported_again as (
    select distinct
        closed.municipality_code,
        closed.case_no
    from {{ ref('fct_case') }} as closed
    inner join {{ ref('fct_case') }} as again
        on
            closed.municipality_code = again.municipality_code
            and closed.case_no = again.reopened_from
            and closed.case_no <> again.case_no
            and again.accepted_ym between closed.closed_ym and {{ months_after('closed.closed_ym', 6) }}
),

closed as (
    select
        closed.municipality_code,
        {{ each_month_after('closed.closed_ym', 6, 17) }} as period,
        supported_again.case_no is not null as is_supported_again
    from {{ ref('fct_case') }} as closed
    left join supported_again
        on
            closed.municipality_code = supported_again.municipality_code
            and closed.case_no = supported_again.case_no
    where closed.closed_ym is not null
)

{{ kpi_rows(
    'closed',
    numerator='count(*) filter (where is_supported_again)',
    denominator='count(*)'
) }}
