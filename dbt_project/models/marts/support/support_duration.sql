-- Grain: one area × whole month t since acceptance: Kaplan–Meier of the months until closure, as of the data month.
with known as (
    select
        life.area_level,
        life.area_code,
        life.months,
        life.events,
        life.censored
    from {{ ref('fct_support_months') }} as life
    inner join {{ ref('dim_month') }} as data_month on life.period = data_month.period and data_month.is_data_month
    qualify
        life.area_level <> 'municipality'
        or sum(life.events + life.censored) over (partition by life.area_code)
        >= {{ var('support_duration_min_cases') }}
),

-- Every month has a row, so that the number at risk can be read at any of them.
month as (
    select
        area_level,
        area_code,
        cast(unnest(range(max(months) + 1)) as integer) as months
    from known
    group by area_level, area_code
),

at_risk as (
    select
        month.area_level,
        month.area_code,
        month.months,
        coalesce(known.events, 0) as events,
        coalesce(known.censored, 0) as censored,
        cast(sum(coalesce(known.events + known.censored, 0)) over (
            partition by month.area_code order by month.months desc
        ) as bigint) as at_risk
    from month
    left join known on month.area_code = known.area_code and month.months = known.months
),

survival as (
    select
        *,
        product(1 - events / at_risk) over up_to_now as survival,
        -- Greenwood's sum; it is infinite once nobody is left, and the band is then not defined.
        sum(events / nullif(at_risk * (at_risk - events), 0)) over up_to_now as variance
    from at_risk
    window up_to_now as (partition by area_code order by months)
)

select
    build.prefecture_code,
    survival.area_level,
    survival.area_code,
    survival.months,
    survival.at_risk,
    survival.events,
    survival.censored,
    survival.survival,
    {{ log_log_bound('survival.survival', 'survival.variance', 1.959963984540054) }} as lower_95,
    {{ log_log_bound('survival.survival', 'survival.variance', -1.959963984540054) }} as upper_95,
    cast(null as varchar) as mark
from survival
cross join {{ ref('build') }} as build
