-- Grain: one municipality × component × stage × seq of a fiscal year.
with source as (
    select * from {{ source('lake', 'grant') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.period,
        source.municipality_code,
        source.component,
        source.stage,
        source.seq,
        source.dated_on,
        source.total_cost,
        source.other_income,
        source.base_amount,
        source.eligible_actual,
        source.national_share,
        source.prefectural_share,
        source.municipal_share
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
