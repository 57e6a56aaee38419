-- Grain: one case accepted in a month whose ledger is there × stage it has reached, as its newest row says.
with newest_ledger as (
    select
        municipality_code,
        max(period) as period
    from {{ ref('fct_form_status') }}
    where form = 'case' and is_accepted
    group by municipality_code
),

-- Cases that another one of the municipality takes up again, not before they ended.
again as (
    select distinct
        later.municipality_code,
        later.reopened_from
    from {{ ref('fct_case') }} as later
    inner join {{ ref('fct_case') }} as earlier
        on
            later.municipality_code = earlier.municipality_code
            and later.reopened_from = earlier.case_no
            and later.case_no <> earlier.case_no
            and later.accepted_ym >= coalesce(earlier.closed_ym, earlier.returned_ym)
),

followed as (
    select
        cohort.*,
        case
            when cohort.closed_ym is not null then 'closed'
            when cohort.returned_ym is not null then 'returned'
            when cohort.period < newest_ledger.period then 'lost'
            else 'open'
        end as state,
        again.reopened_from is not null as is_reopened
    from {{ ref('fct_case') }} as cohort
    inner join {{ ref('fct_form_status') }} as ledger
        on
            cohort.municipality_code = ledger.municipality_code
            and cohort.accepted_ym = ledger.period
            and ledger.form = 'case'
            and ledger.is_accepted
    inner join newest_ledger on cohort.municipality_code = newest_ledger.municipality_code
    left join again
        on cohort.municipality_code = again.municipality_code and cohort.case_no = again.reopened_from
),

reached as (
    select
        municipality_code,
        case_no,
        accepted_ym,
        unnest([
            'accepted',
            case when assessed_ym is not null then 'assessed' end,
            case when planned_ym is not null then 'planned' end,
            case when conferenced_ym is not null then 'conferenced' end,
            case when started_ym is not null then 'started' end,
            state,
            case when is_reopened then 'reopened' end
        ]) as stage
    from followed
)

select
    reached.municipality_code,
    reached.case_no,
    reached.accepted_ym,
    reached.stage,
    stage.sort as stage_order
from reached
inner join {{ ref('stg_code') }} as stage on reached.stage = stage.code and stage.code_list = 'support_stage'
