-- Grain: one area × whole month t since acceptance: Kaplan–Meier of the months until closure, as of the data month.
with episode as (
    select
        area.area_level,
        area.area_code,
        -- Support ends with closure; a return, or the last ledger that lists the case, only ends what is known of it.
        greatest(
            date_diff('month', own.accepted_ym, coalesce(own.closed_ym, own.returned_ym, own.period)), 0
        ) as months,
        own.closed_ym is not null as is_closed
    from {{ ref('fct_case') }} as own
    inner join {{ ref('fct_form_status') }} as ledger
        on own.municipality_code = ledger.municipality_code and ledger.form = 'case' and ledger.is_accepted
    inner join {{ ref('dim_month') }} as data_month on ledger.period = data_month.period and data_month.is_data_month
    inner join {{ ref('int_area_municipality') }} as area on own.municipality_code = area.municipality_code
),

known as (
    select * from episode
    qualify
        area_level <> 'municipality'
        or count(*) over (partition by area_level, area_code) >= {{ var('support_duration_min_cases') }}
),

month as (
    select
        area_level,
        area_code,
        unnest(range(max(months) + 1)) as months
    from known
    group by area_level, area_code
),

ended as (
    select
        month.area_level,
        month.area_code,
        month.months,
        count(*) filter (where known.is_closed) as events,
        count(*) filter (where not known.is_closed) as censored
    from month
    left join known
        on month.area_level = known.area_level and month.area_code = known.area_code and month.months = known.months
    group by month.area_level, month.area_code, month.months
),

at_risk as (
    select
        *,
        cast(sum(events + censored) over (
            partition by area_level, area_code order by months rows between current row and unbounded following
        ) as bigint) as at_risk
    from ended
),

survival as (
    select
        *,
        product(1 - events / at_risk) over up_to_now as survival,
        -- Greenwood's sum; it is infinite once nobody is left, and the band is then not defined.
        sum(events / nullif(at_risk * (at_risk - events), 0)) over up_to_now as variance
    from at_risk
    window up_to_now as (partition by area_level, area_code order by months)
)

select
    build.prefecture_code,
    survival.area_level,
    survival.area_code,
    cast(survival.months as integer) as months,
    survival.at_risk,
    survival.events,
    survival.censored,
    survival.survival,
    {{ log_log_bound('survival.survival', 'survival.variance', 1.959963984540054) }} as lower_95,
    {{ log_log_bound('survival.survival', 'survival.variance', -1.959963984540054) }} as upper_95,
    cast(null as varchar) as mark
from survival
cross join {{ ref('build') }} as build
