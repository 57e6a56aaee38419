-- Grain: one municipality's attendance at one training session; current files only.
with source as (
    select * from {{ source('lake', 'training') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.period,
        source.training_no,
        source.municipality_code,
        source.held_on,
        source.training_theme,
        source.dispatch_mode,
        source.attendees
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
