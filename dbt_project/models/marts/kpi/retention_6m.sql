-- Grain: one municipality × month (see kpi_rows).
with matched as (
    select
        municipality_code,
        {{ months_after('matched_ym', 6) }} as period,
        coalesce(match_status = 'withdrawn' and ended_ym <= {{ months_after('matched_ym', 6) }}, false) as is_withdrawn
    from {{ ref('fct_match') }}
    where matched_ym is not null and match_status <> 'matching'
)

{{ kpi_rows(
    'matched',
    numerator='count(*) filter (where not is_withdrawn)',
    denominator='count(*)'
) }}
