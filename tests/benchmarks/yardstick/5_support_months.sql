-- How long support lasts: the Kaplan–Meier median in whole months of all cases known by the month, where the ledger of it came.

-- Closed is the event, handed back is censored; either counts from its month on, at the same time of support.
create temp table ended_by as
with ended as (
    select
        town, greatest(ended_ym, (select min(period) from month)) as period, datediff('month', accepted_ym, ended_ym) as months,
        count(closed_ym) as events, count(*) - count(closed_ym) as censored
    from history where ended_ym is not null group by all
)
select
    town, period, months, sum(events) over so_far as events, sum(censored) over so_far as censored
from (select distinct town, months from ended) cross join month left join ended using (town, period, months)
window so_far as (partition by town, months order by period);

-- Who has not ended is censored at the last ledger that lists the case, which holds until the next one does.
create temp table seen_at as
with stretch as (
    select
        l.town, greatest(datediff('month', h.accepted_ym, l.period), 0) as months, greatest(l.period, h.accepted_ym) as since,
        least(months_on(l.next_period, -1), months_on(h.ended_ym, -1), (select max(period) from month)) as until,
        count(*) as cases
    from listing as l join history as h using (town, case_no)
    group by all
)
select town, unnest(range(since, until + interval 1 month, interval 1 month))::date as period, months, cases from stretch;

insert into figure_of_area
with town_month as (
    select town, period, months, events, censored from ended_by
    union all select town, period, months, 0, cases from seen_at
), pooled as (
    select area_code, period, months, sum(events) as events, sum(events + censored) as leaving
    from town_month
    semi join form_status as s on s.form = 'case' and s.came and s.town = town_month.town and s.period = town_month.period
    join area using (town)
    group by all
), at_risk as (
    select *, sum(leaving) over (partition by area_code, period order by months desc) as at_risk from pooled
), curve as (
    select *, product(1 - events / at_risk) over (partition by area_code, period order by months) as survival
    from at_risk where events > 0
)
select 'support_months_median', area_code, period, min(months)
from curve where survival <= 0.5 + 1e-12 group by all;  -- a half in doubles may lie a hair above it
