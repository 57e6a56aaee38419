-- Grain: one meeting of a municipality and month.
select
    municipality_code,
    period,
    meeting_no,
    held_on,
    meeting_type,
    cases_discussed,
    plans_reviewed,
    closures_reviewed,
    resource_issues,
    agency_types,
    attendees,
    non_welfare_present
from {{ ref('stg_meeting') }}
