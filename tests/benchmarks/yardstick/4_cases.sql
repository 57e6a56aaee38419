-- Cases. Stocks come from the ledger of the month; what happened, and when, from the newest ledger that lists the case.

create temp table listing as
select
    c.sender_code as town, case_no, c.period, service, gap_need, gap_response, accepted_ym, planned_ym, conferenced_ym,
    if(consent_status = 'granted', consent_ym, null) as consented_ym, closed_ym, returned_ym, closure_type, reopened_from,
    coalesce(closed_ym > c.period, true) and coalesce(returned_ym > c.period, true) as is_active,
    lag(if(is_active, c.period, null)) over one as active_before, lead(if(is_active, c.period, null)) over one as active_after,
    lead(c.period) over one as next_period
from read_parquet(getvariable('folder') || '/lake/case/*.parquet') as c
semi join submission as s on c.submission_id = s.submission_id and s.counts
window one as (partition by c.sender_code, case_no order by c.period);

create temp table history as
select *, coalesce(closed_ym, returned_ym) as ended_ym from listing where next_period is null;

insert into figure
with stock as (
    select
        town, period, count(*) as cases, count(*) filter (where gap_need) as gap,
        count(*) filter (where gap_need and gap_response = 'none_yet') as unmet
    from listing where is_active group by all
)
select
    unnest(['active_cases', 'gap_cases', 'gap_unmet_share']), town, period,
    unnest([cases, gap, unmet]), unnest([null, null, gap])
from stock;

-- What happened in the month.
insert into figure
select 'new_cases', town, accepted_ym, count(*), null from history group by all
union all select 'plans_made', town, planned_ym, count(*), null from history group by all
union all select 'closures', town, closed_ym, count(*), null from history group by all
union all select 'returned_cases', town, returned_ym, count(*), null from history group by all
union all select 'conferenced_without_consent', town, conferenced_ym, count(*), null from history
    where not coalesce(consented_ym <= conferenced_ym, false) group by all;

insert into figure
select
    'plan_within_3_months', town, months_on(accepted_ym, 3) as month,
    count(*) filter (where planned_ym <= months_on(accepted_ym, 3)), count(*)
from history where service = 'multi_agency' group by town, month;

-- What happened in the twelve months to the month, or to six months before it: counted by month, then seen from twelve.
create temp table window_of as
select * from (values ('to now', 0), ('to six months ago', 6)) as span (span, least), range(12) as step (more);

insert into figure
with happened as (
    select
        'closure_handover_share' as kpi_id, 'to now' as span, town, closed_ym as month, null::date as first_counts,
        count(*) filter (where closure_type = 'C1') as numerator, count(*) as denominator
    from history group by all
    union all
    select
        'closure_interrupted_share', 'to now', town, closed_ym, null, count(*) filter (where closure_type = 'C6'), count(*)
    from history group by all
    union all
    select 'consent_share', 'to now', town, accepted_ym, consented_ym, count(consented_ym), count(*) from history group by all
    union all
    select
        'reopened_share', 'to six months ago', town, closed_ym, null,
        count(*) filter (where exists (
            from history as again
            where again.town = history.town and again.reopened_from = history.case_no and again.case_no <> history.case_no
                and again.accepted_ym between history.closed_ym and months_on(history.closed_ym, 6)
        )), count(*)
    from history group by all
    union all
    select
        'outreach_met_share', 'to six months ago', history.town, accepted_ym, null,
        count(*) filter (where met.month <= months_on(accepted_ym, 6)), count(*)
    from history
    left join (
        select o.sender_code as town, case_no, min(o.period) as month
        from read_parquet(getvariable('folder') || '/lake/outreach/*.parquet') as o
        semi join submission as s on o.submission_id = s.submission_id and s.counts
        where met_person group by all
    ) as met on met.town = history.town and met.case_no = history.case_no
    where service = 'outreach' group by all
)
select
    kpi_id, town, months_on(month, least + more) as period,
    coalesce(sum(numerator) filter (where first_counts is null or first_counts <= period), 0), sum(denominator)
from happened join window_of using (span)
group by kpi_id, town, period;

-- Does the stock of a month follow from the one before? Counted by case: who came into it or left it otherwise than by
-- being accepted, closed or handed back in that month.
insert into figure
with ledger as (
    select
        town, period,
        coalesce(lag(period) over (partition by town order by period) = months_on(period, -1), false) as follows
    from form_status where form = 'case' and came
), step as (
    select town, case_no, period, 1 as entered, 0 as left_stock, 0 as accepted, 0 as ended
    from listing where is_active and active_before is distinct from months_on(period, -1)
    union all
    select town, case_no, months_on(period, 1), 0, 1, 0, 0
    from listing where is_active and active_after is distinct from months_on(period, 1)
    union all select town, case_no, accepted_ym, 0, 0, 1, 0 from history
    union all select town, case_no, ended_ym, 0, 0, 0, 1 from history where ended_ym is not null
), one as (
    select
        town, period, follows, sum(entered) as entered, sum(left_stock) as left_stock, sum(accepted) as accepted,
        sum(ended) as ended
    from step join ledger using (town, period) group by town, period, follows, case_no
)
select
    'ledger_adjustment', town, period,
    count(*) filter (where if(follows, entered - left_stock <> accepted - ended, accepted > entered + ended)), null
from one group by town, period;
