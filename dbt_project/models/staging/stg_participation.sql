-- Grain: one match alive at some time in the month, as it stands at the end of the month; current files only.
with source as (
    select * from {{ source('lake', 'participation') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.match_no,
        source.case_no,
        source.matched_ym,
        source.resource_type,
        source.resource_origin,
        source.match_status,
        source.followups,
        source.ended_ym
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
