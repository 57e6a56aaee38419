-- Grain: one municipality × month (see kpi_rows).
with meeting as (
    select * from {{ ref('fct_meeting') }}
    where meeting_type = 'jusou'
)

{{ kpi_rows('meeting', numerator='count(*) filter (where len(agency_groups) >= 3)', denominator='count(*)') }}
