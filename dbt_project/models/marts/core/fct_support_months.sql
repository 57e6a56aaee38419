-- Grain: one area × month of the grid with an accepted case ledger in it × whole months of support.
with ledger as (
    select
        municipality_code,
        period
    from {{ ref('fct_form_status') }}
    where form = 'case' and is_accepted
),

history as (
    select
        municipality_code,
        case_no,
        accepted_ym,
        closed_ym is not null as is_closed,
        coalesce(closed_ym, returned_ym) as ended_ym
    from {{ ref('fct_case') }}
),

-- Who had ended by a month, ended the same way at every later one: closed is the event, returned is censored.
ended as (
    select
        municipality_code,
        ended_ym,
        datediff('month', accepted_ym, ended_ym) as months,
        count(*) filter (where is_closed) as events,
        count(*) filter (where not is_closed) as censored
    from history
    where ended_ym is not null
    group by municipality_code, ended_ym, months
),

last_ledger as (
    select max(period) as period from ledger
),

-- Who had not, is censored at the last ledger by then that lists the case.
last_seen as (
    select
        listing.municipality_code,
        greatest(datediff('month', history.accepted_ym, listing.period), 0) as months,
        cast(unnest(generate_series(
            greatest(listing.period, history.accepted_ym),
            least(
                coalesce({{ months_after('listing.next_period', -1) }}, last_ledger.period),
                coalesce({{ months_after('history.ended_ym', -1) }}, last_ledger.period)
            ),
            interval 1 month
        )) as date) as period
    from {{ ref('int_case_listing') }} as listing
    inner join history
        on listing.municipality_code = history.municipality_code and listing.case_no = history.case_no
    cross join last_ledger
),

municipality as (
    select
        ledger.municipality_code,
        ledger.period,
        ended.months,
        ended.events,
        ended.censored
    from ledger
    inner join ended on ledger.municipality_code = ended.municipality_code and ledger.period >= ended.ended_ym
    union all
    select
        ledger.municipality_code,
        ledger.period,
        last_seen.months,
        0 as events,
        count(*) as censored
    from ledger
    inner join last_seen on ledger.municipality_code = last_seen.municipality_code and ledger.period = last_seen.period
    group by ledger.municipality_code, ledger.period, last_seen.months
),

pooled as (
    select
        area.area_level,
        area.area_code,
        municipality.period,
        municipality.months,
        cast(sum(municipality.events) as bigint) as events,
        cast(sum(municipality.censored) as bigint) as censored
    from municipality
    inner join {{ ref('int_area_municipality') }} as area on municipality.municipality_code = area.municipality_code
    group by area.area_level, area.area_code, municipality.period, municipality.months
)

select
    area_level,
    area_code,
    period,
    cast(months as integer) as months,
    -- Events come before censorings: who is censored at t is still at risk at t.
    cast(sum(events + censored) over (partition by area_code, period order by months desc) as bigint) as at_risk,
    events,
    censored
from pooled
