-- Grain: the municipality's own totals of the month; current files only.
with source as (
    select * from {{ source('lake', 'monthly_summary') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.declared_consultations,
        source.declared_new_cases,
        source.declared_active_cases,
        source.declared_closures,
        source.declared_jusou_meetings,
        source.declared_support_meetings
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
