-- Grain: one row, what the projection of municipalities with a window starts from.
-- None before there is a month, and once the target lies behind.
with known as (
    select
        period,
        municipality_code,
        one_stop_window or coordination_team as has_window,
        lag(one_stop_window or coordination_team) over (
            partition by municipality_code order by period
        ) as had_window,
        extract(month from period) = 4 as is_april
    from {{ ref('int_setup_known') }}
    where as_of is not null
),

seen as (
    -- A month in which a municipality known to have no window could open one.
    select
        count(*) filter (where is_april) as april_months_at_risk,
        count(*) filter (where is_april and has_window) as april_openings,
        count(*) filter (where not is_april) as other_months_at_risk,
        count(*) filter (where not is_april and has_window) as other_openings
    from known
    where not had_window
),

target as (
    select max(date_trunc('month', cast(figure.as_of as date))) as period
    from {{ ref('published_figure') }} as figure
    inner join {{ ref('stg_build') }} as build on figure.area = build.prefecture_name
    where figure.figure = 'window_or_team_municipalities' and figure.status = 'target'
)

select
    now.period as data_month,
    cast(target.period as date) as target_month,
    now.numerator as with_window,
    now.denominator - now.numerator as without_window,
    seen.april_months_at_risk,
    seen.april_openings,
    seen.other_months_at_risk,
    seen.other_openings
from {{ ref('kpi_monthly') }} as now
inner join {{ ref('dim_month') }} as data_month on now.period = data_month.period and data_month.is_data_month
inner join target on now.period <= target.period
cross join seen
where now.kpi_id = 'window_rate' and now.area_level = 'prefecture'
