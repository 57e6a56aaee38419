-- Grain: one agreed action, as it stands at the end of the month; current files only.
with source as (
    select * from {{ source('lake', 'dispatch_action') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.period,
        source.action_no,
        source.dispatch_no,
        source.municipality_code,
        source.advice_topic,
        source.due_on,
        source.action_status,
        source.done_on
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
