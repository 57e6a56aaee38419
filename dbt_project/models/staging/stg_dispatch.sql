-- Grain: one dispatch requested, planned or done, as it stands at the end of the month; current files only.
with source as (
    select * from {{ source('lake', 'dispatch') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.period,
        source.dispatch_no,
        source.municipality_code,
        source.requested_on,
        source.visited_on,
        source.adviser_kind,
        source.dispatch_mode,
        source.advice_topics,
        source.attendees,
        source.sections,
        source.non_welfare_present,
        source.dispatch_status
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
