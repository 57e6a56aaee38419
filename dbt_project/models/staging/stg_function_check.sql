-- Grain: one item of the self-check; current files only.
with source as (
    select * from {{ source('lake', 'function_check') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.function_area,
        source.item_no,
        source.self_rating,
        source.has_evidence
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
