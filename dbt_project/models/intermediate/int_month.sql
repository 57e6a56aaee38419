-- Grain: one month of the grid, from the first to the last month with a current accepted monthly form.
with monthly as (
    select submission.period
    from {{ ref('stg_submission') }} as submission
    inner join {{ ref('stg_form') }} as form on submission.form = form.form
    where submission.is_current and form.cadence = 'monthly'
),

bounds as (
    select
        min(period) as first_month,
        max(period) as last_month
    from monthly
)

select
    cast(period as date) as period,
    last_month
from bounds
cross join unnest(generate_series(first_month, last_month, interval 1 month)) as months (period)
