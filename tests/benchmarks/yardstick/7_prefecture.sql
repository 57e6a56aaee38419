-- What the prefecture sends: the grant and its payments, dispatches and what was agreed on, training.

-- The books of a fiscal year as they stand at the end of each of its months; in March, with all that is known of the year.
create temp table booked as
select
    municipality_code as town, month.period, component,
    max_by(national_share + prefectural_share, (dated_on, seq)) filter (where stage = 'final') as final,
    max_by(national_share + prefectural_share, (dated_on, stage = 'change', seq))
        filter (where stage in ('decision', 'change')) as decided,
    coalesce(sum(national_share + prefectural_share) filter (where stage = 'advance'), 0) as advanced,
    coalesce(sum(prefectural_share) filter (where stage = 'advance'), 0) as prefectural
from read_parquet(getvariable('folder') || '/lake/grant/*.parquet') as g
semi join submission as s on g.submission_id = s.submission_id and s.counts
join month on g.period = month.fiscal_year and (dated_on <= last_day(month.period) or month(month.period) = 3)
group by all;

insert into figure
select 'grant_execution_rate', town, period, sum(final), sum(decided)
from booked where final is not null and decided is not null group by all
union all
select 'grant_refund_yen', town, period, sum(greatest(advanced - final, 0)), null
from booked where final is not null group by all
union all
select 'grant_lump_gap_yen', town, period, sum(yen), null
from (
    select municipality_code as town, month.period, amount_yen as yen
    from read_parquet(getvariable('folder') || '/lake/grant_payment/*.parquet') as p
    semi join submission as s on p.submission_id = s.submission_id and s.counts
    join month on p.period = month.fiscal_year and (paid_on <= last_day(month.period) or month(month.period) = 3)
    where source = 'prefectural'
    union all select town, period, -prefectural from booked
) group by all;

create temp table support as
with dispatch as (
    select municipality_code as town, visited_on, dispatch_status
    from read_parquet(getvariable('folder') || '/lake/dispatch/*.parquet') as d
    semi join submission as s on d.submission_id = s.submission_id and s.counts
    qualify row_number() over (partition by dispatch_no order by d.period desc) = 1
)
select 'dispatch' as kind, town, month_of(visited_on) as period, count(*) as times
from dispatch where dispatch_status = 'done' group by all
union all
select 'training', municipality_code, month_of(held_on), count(*)
from read_parquet(getvariable('folder') || '/lake/training/*.parquet') as t
semi join submission as s on t.submission_id = s.submission_id and s.counts
where attendees >= 1 group by all;

insert into figure select 'dispatch_visits', town, period, times, null from support where kind = 'dispatch';

-- Reached in the fiscal year to date.
insert into figure
select kpi.kpi_id, setup.town, setup.period, coalesce(first.period <= setup.period, false)::integer, 1
from setup
cross join (values ('dispatch_reach', 'dispatch'), ('training_coverage', 'training')) as kpi (kpi_id, kind)
left join (
    select kind, town, fiscal_year(period) as fiscal_year, min(period) as period from support group by all
) as first on first.kind = kpi.kind and first.town = setup.town and first.fiscal_year = setup.fiscal_year;

insert into figure_of_area
select 'months_since_support', setup.town, setup.period, datediff('month', support.period, setup.period)
from setup
asof join (select distinct town, period from support) as support
    on support.town = setup.town and support.period <= setup.period;

insert into figure
with agreed as (
    select municipality_code as town, month_of(due_on) as due, month_of(done_on) as done, action_status
    from read_parquet(getvariable('folder') || '/lake/dispatch_action/*.parquet') as a
    semi join submission as s on a.submission_id = s.submission_id and s.counts
    qualify row_number() over (partition by action_no order by a.period desc) = 1
), counted as (
    select town, due, done, count(*) as actions from agreed where action_status <> 'dropped' group by all
)
select 'action_done_rate', town, period, coalesce(sum(actions) filter (where done <= period), 0), sum(actions)
from counted join month on due <= period group by all;
