-- Grain: one meeting of a current file.
with source as (
    select * from {{ source('lake', 'meeting') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.meeting_no,
        source.held_on,
        source.meeting_type,
        source.cases_discussed,
        source.plans_reviewed,
        source.closures_reviewed,
        source.resource_issues,
        source.agency_types,
        source.attendees,
        source.non_welfare_present
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
