-- Grain: one step that support can take, from one stage to the next one reached; stages in between are skipped.
with path as (
    select
        code as stage,
        sort
    from {{ ref('stg_code') }}
    where code_list = 'support_stage' and code in ('accepted', 'assessed', 'planned', 'conferenced', 'started')
),

step as (
    select distinct
        'new_consultations' as cohort_kpi,
        'consultation' as from_stage,
        code_group as to_stage
    from {{ ref('stg_code') }}
    where code_list = 'screening_result'
    union all
    select
        'new_cases' as cohort_kpi,
        earlier.stage as from_stage,
        later.stage as to_stage
    from path as earlier
    inner join path as later on earlier.sort < later.sort
    union all
    select
        'new_cases' as cohort_kpi,
        path.stage as from_stage,
        state.stage as to_stage
    from path
    cross join (values ('closed'), ('returned'), ('open'), ('lost')) as state (stage)
    union all
    select
        'new_cases' as cohort_kpi,
        state.stage as from_stage,
        'reopened' as to_stage
    from (values ('closed'), ('returned')) as state (stage)
)

select * from step
