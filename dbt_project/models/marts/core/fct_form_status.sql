-- Grain: one municipality × month of the grid × form: was the form expected, and did it come.
with first_sent as (
    select
        sender_code,
        form,
        min(period) as first_period
    from {{ ref('int_submission') }}
    where is_current
    group by sender_code, form
),

slot as (
    select
        grid.municipality_code,
        grid.period,
        form.form,
        form.cadence,
        form.sender,
        case when form.sender = 'prefecture' then build.prefecture_code else grid.municipality_code end as sender_code,
        case when form.cadence = 'monthly' then grid.period else grid.fiscal_year_start end as form_period,
        form.cadence = 'monthly' and form.sender = 'municipality' as is_monthly_municipal,
        cast(
            grid.period + interval 1 month + to_days(build.monthly_deadline_day - 1) as date
        ) as monthly_deadline_on,
        coalesce(setup.implementation_status in ('implementing', 'transition_prep'), false) as runs_programme
    from {{ ref('int_municipality_month') }} as grid
    inner join {{ ref('int_setup_known') }} as setup
        on grid.municipality_code = setup.municipality_code and grid.period = setup.period
    cross join {{ ref('stg_form') }} as form
    cross join {{ ref('stg_build') }} as build
),

judged as (
    select
        slot.municipality_code,
        slot.period,
        slot.form,
        slot.sender_code,
        slot.form_period,
        slot.cadence,
        slot.is_monthly_municipal,
        slot.monthly_deadline_on,
        case
            when slot.sender = 'prefecture' then true
            when slot.cadence = 'fiscal_year' then slot.form = 'setup'
            when slot.runs_programme then true
            when slot.form in ('consultation', 'monthly_summary')
                then coalesce(slot.period >= first_sent.first_period, false)
            else false
        end as is_expected,
        coalesce(submission.is_current, false) as is_accepted,
        submission.status,
        submission.rows_total,
        submission.rows_accepted,
        submission.rows_rejected,
        submission.received_at,
        submission.first_accepted_at
    from slot
    left join first_sent
        on slot.sender_code = first_sent.sender_code and slot.form = first_sent.form
    left join {{ ref('int_submission') }} as submission
        on
            slot.sender_code = submission.sender_code
            and slot.form = submission.form
            and slot.form_period = submission.period
)

select
    municipality_code,
    period,
    form,
    sender_code,
    form_period,
    is_monthly_municipal,
    is_expected,
    is_accepted,
    case
        when is_accepted and rows_rejected > 0 then 'partial'
        when is_accepted then 'complete'
        when is_expected then 'missing'
        else 'not_applicable'
    end as completeness,
    status,
    rows_total,
    rows_accepted,
    rows_rejected,
    received_at,
    case
        when cadence = 'monthly' and is_expected and is_accepted
            then cast(first_accepted_at as date) <= monthly_deadline_on
    end as is_on_time
from judged
