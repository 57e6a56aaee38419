-- Grain: one municipality × month (see kpi_rows).
with accepted as (
    select
        municipality_code,
        {{ each_month_after('accepted_ym', 0, 11) }} as period,
        consent_status,
        consent_ym
    from {{ ref('fct_case') }}
)

{{ kpi_rows(
    'accepted',
    numerator="count(*) filter (where consent_status = 'granted' and consent_ym <= period)",
    denominator='count(*)'
) }}
