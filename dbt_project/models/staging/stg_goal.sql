-- Grain: one goal of the municipality; current files only.
with source as (
    select * from {{ source('lake', 'goal') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.goal_no,
        source.goal_indicator,
        source.target_value,
        source.due_ym,
        source.evaluation_ym
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
