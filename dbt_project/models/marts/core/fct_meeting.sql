-- Grain: one meeting of a municipality and month.
with agency as (
    select
        municipality_code,
        period,
        meeting_no,
        unnest(agency_types) as agency_type
    from {{ ref('stg_meeting') }}
),

agency_group as (
    select
        agency.municipality_code,
        agency.period,
        agency.meeting_no,
        list(distinct code.code_group order by code.code_group) as agency_groups
    from agency
    inner join {{ ref('stg_code') }} as code
        on agency.agency_type = code.code and code.code_list = 'agency_type'
    group by agency.municipality_code, agency.period, agency.meeting_no
)

select
    meeting.municipality_code,
    meeting.period,
    meeting.meeting_no,
    meeting.held_on,
    meeting.meeting_type,
    meeting.cases_discussed,
    meeting.plans_reviewed,
    meeting.closures_reviewed,
    meeting.resource_issues,
    meeting.agency_types,
    meeting.attendees,
    meeting.non_welfare_present,
    agency_group.agency_groups
from {{ ref('stg_meeting') }} as meeting
inner join agency_group
    on
        meeting.municipality_code = agency_group.municipality_code
        and meeting.period = agency_group.period
        and meeting.meeting_no = agency_group.meeting_no
