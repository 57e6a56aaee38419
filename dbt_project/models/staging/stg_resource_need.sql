-- Grain: one need for a social resource open at some time in the month, as it stands at its end; current files only.
with source as (
    select * from {{ source('lake', 'resource_need') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.need_no,
        source.raised_ym,
        source.resource_type,
        source.gap_reason,
        source.raised_at,
        source.need_status,
        source.resolved_ym
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
