-- Grain: one payment (a refund is negative); current files only.
with source as (
    select * from {{ source('lake', 'grant_payment') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.period,
        source.payment_no,
        source.municipality_code,
        source.source,
        source.field,
        source.paid_on,
        source.amount_yen
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
