-- Grain: one outreach case with some activity in the month; current files only.
with source as (
    select * from {{ source('lake', 'outreach') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.case_no,
        source.visits,
        source.letters,
        source.calls_messages,
        source.accompaniments,
        source.agency_contacts,
        source.met_person
    from source
    inner join submission on source.submission_id = submission.submission_id
)

select * from renamed
