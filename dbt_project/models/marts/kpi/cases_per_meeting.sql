-- Grain: one municipality × month (see kpi_rows).
with meeting as (
    select * from {{ ref('fct_meeting') }}
    where meeting_type = 'jusou'
)

{{ kpi_rows('meeting', numerator='sum(cases_discussed)', denominator='count(*)') }}
