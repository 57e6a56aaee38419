-- Grain: one municipality and date (as_of).
with source as (
    select * from {{ source('lake', 'setup') }}
),

submission as (
    select * from {{ source('intake', 'submission') }}
    where counts
),

renamed as (
    select
        source.sender_code as municipality_code,
        source.period,
        source.as_of,
        source.implementation_status,
        source.one_stop_window,
        source.window_since,
        source.coordination_team,
        source.team_since,
        source.operator,
        source.planned_start_fy,
        source.plan_published
    from source
    inner join submission on source.submission_id = submission.submission_id
    -- Rows accumulate: of two files stating the same date, the one that arrived later stands.
    qualify row_number() over (
        partition by source.sender_code, source.as_of order by submission.arrival_order desc
    ) = 1
)

select * from renamed
