-- Grain: one place open at some time in the month, as it stands at the end of the month; current files only.
with source as (
    select * from {{ source('lake', 'place') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.place_no,
        source.base_scheme,
        source.opened_ym,
        source.closed_ym,
        source.is_open_to_all,
        source.open_days,
        source.visitors
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
