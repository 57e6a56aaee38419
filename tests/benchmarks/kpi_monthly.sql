-- kpi_monthly as one person would write it by hand: one pass over each form, no layers, no tests, no breakdowns.
-- The yardstick of `make bench-warehouse`, run with the variables `folder` and `until` (the last month) set.

create temp table submission as
select * from read_parquet(getvariable('folder') || '/submission.parquet') where period <= getvariable('until');

create temp table town as
select municipality_code as town, 'R-' || region as region
from read_csv(getvariable('folder') || '/municipalities.csv', all_varchar = true);

create temp table area as
select 'municipality' as area_level, town as area_code, town from town
union all select 'region', region, town from town
union all select 'prefecture', '110001', town from town;

create temp table month as
select period::date as period, make_date(year(period - interval 3 month), 4, 1) as fiscal_year
from range(
    (select min(period) from submission where form = 'consultation'),
    getvariable('until') + interval 1 month, interval 1 month
) as grid (period);

-- What each form says, per town and month.
create temp table consultation as
select
    c.sender_code as town, c.period, count(*) as rows, count(*) filter (where is_complex) as complex,
    count(*) filter (where gap_need) as gap
from read_parquet(getvariable('folder') || '/lake/consultation/*.parquet') as c
semi join submission as s on c.submission_id = s.submission_id and s.counts
group by all;

create temp table ledger as
select c.sender_code as town, c.period, case_no, accepted_ym, closed_ym, returned_ym
from read_parquet(getvariable('folder') || '/lake/case/*.parquet') as c
semi join submission as s on c.submission_id = s.submission_id and s.counts;

create temp table history as
select town, newest[1] as accepted_ym, newest[2] as closed_ym, newest[3] as returned_ym
from (
    select town, case_no, max_by([accepted_ym, closed_ym, returned_ym], period) as newest from ledger group by all
);

create temp table meeting as
select
    m.sender_code as town, m.period, count(*) filter (where meeting_type = 'jusou') as jusou,
    count(*) filter (where meeting_type = 'support_106_6') as support
from read_parquet(getvariable('folder') || '/lake/meeting/*.parquet') as m
semi join submission as s on m.submission_id = s.submission_id and s.counts
group by all;

create temp table setup as
select town, month.period, s.implementation_status as status, s.one_stop_window or s.coordination_team as has_window
from town cross join month
left join (
    select r.* from read_parquet(getvariable('folder') || '/lake/setup/*.parquet') as r
    join submission as s on r.submission_id = s.submission_id and s.counts
    qualify row_number() over (partition by r.sender_code, r.as_of order by s.arrival_order desc) = 1
) as s on town = s.sender_code and s.as_of <= last_day(month.period)
qualify row_number() over (partition by town, month.period order by s.as_of desc) = 1;

create temp table executed as
select town, period, sum(final) as final, sum(decided) as decided
from (
    select
        municipality_code as town, month.period, component,
        max_by(national_share + prefectural_share, (dated_on, seq)) filter (where stage = 'final') as final,
        max_by(national_share + prefectural_share, (dated_on, stage = 'change', seq))
            filter (where stage in ('decision', 'change')) as decided
    from read_parquet(getvariable('folder') || '/lake/grant/*.parquet') as g
    semi join submission as s on g.submission_id = s.submission_id and s.counts
    join month on g.period = month.fiscal_year
    where dated_on <= last_day(month.period) or month(month.period) = 3
    group by all
)
where final is not null and decided is not null
group by all;

-- Who owed and sent what.
create temp table sent as
select sender_code, form, period, rows_rejected from submission where is_current;

create temp table status as
with kind (form, monthly, prefecture) as (
    values ('setup', false, false), ('consultation', true, false), ('case', true, false), ('meeting', true, false),
        ('grant', false, true)
), slot as (
    select
        town, month.period, kind.form,
        s.sender_code is not null as came, s.rows_rejected > 0 as torn,
        prefecture or kind.form = 'setup' or coalesce(setup.status in ('implementing', 'transition_prep'), false)
            and monthly or kind.form = 'consultation' and month.period >= first.period as owed
    from town cross join month cross join kind
    join setup using (town, period)
    left join sent as s
        on s.sender_code = if(prefecture, '110001', town) and s.form = kind.form
            and s.period = if(monthly, month.period, month.fiscal_year)
    left join (select sender_code, form, min(period) as period from sent group by all) as first
        on first.sender_code = town and first.form = kind.form
)
select
    town, period, form, came, coalesce(owed, false) as owed,
    case when came and torn then 'partial' when came then 'complete' when owed then 'missing' else 'not_applicable' end
        as completeness
from slot;

create temp table figure as
select 'window_rate' as kpi_id, town, period, count(*) filter (where has_window) as numerator, 1 as denominator
from setup group by all
union all select 'programme_rate', town, period, count(*) filter (where status = 'implementing'), 1 from setup group by all
union all select 'transition_rate', town, period, count(*) filter (where status = 'transition_prep'), 1 from setup group by all
union all select 'new_consultations', town, period, rows, null from consultation
union all select 'complex_share', town, period, complex, rows from consultation
union all select 'gap_needs', town, period, gap, null from consultation
union all select 'gap_need_share', town, period, gap, rows from consultation
union all select 'active_cases', town, period, count(*), null from ledger
    where (closed_ym is null or closed_ym > period) and (returned_ym is null or returned_ym > period) group by all
union all select 'new_cases', town, accepted_ym, count(*), null from history group by all
union all select 'closures', town, closed_ym, count(*), null from history where closed_ym is not null group by all
union all select 'returned_cases', town, returned_ym, count(*), null from history where returned_ym is not null group by all
union all select 'jusou_meetings', town, period, jusou, null from meeting
union all select 'support_meetings', town, period, support, null from meeting
union all select 'grant_execution_rate', town, period, final, decided from executed;

create temp table kpi as
select * from (values
    ('window_rate', 'setup', true), ('programme_rate', 'setup', true), ('transition_rate', 'setup', true),
    ('new_consultations', 'consultation', false), ('complex_share', 'consultation', true),
    ('gap_needs', 'consultation', false), ('gap_need_share', 'consultation', true), ('new_cases', 'case', false),
    ('active_cases', 'case', false), ('closures', 'case', false), ('returned_cases', 'case', false),
    ('jusou_meetings', 'meeting', false), ('support_meetings', 'meeting', false), ('grant_execution_rate', 'grant', true)
) as kpi (kpi_id, form, is_share);

create table kpi_monthly as
with cell as (
    select
        kpi.kpi_id, kpi.is_share, status.period, area.area_level, area.area_code,
        sum(coalesce(figure.numerator, 0)) filter (where came or kpi.form = 'setup')::bigint as numerator,
        sum(coalesce(figure.denominator, 0)) filter (where is_share and (came or kpi.form = 'setup'))::bigint as denominator,
        count(*) filter (where came)::integer as submitted_areas, count(*) filter (where owed)::integer as expected_areas,
        count(*) filter (where owed and came) as owed_and_came,
        count(*) filter (where owed and completeness = 'complete') as owed_and_complete,
        any_value(completeness) as own
    from kpi
    join status on status.form = kpi.form
    join area on area.town = status.town
    left join figure on figure.kpi_id = kpi.kpi_id and figure.town = status.town and figure.period = status.period
    group by all
)
select
    kpi_id, period, '110001' as prefecture_code, area_level, area_code, numerator, denominator,
    if(is_share, numerator::double / nullif(denominator, 0), numerator::double) as value,
    case
        when area_level = 'municipality' then own
        when expected_areas = 0 and submitted_areas = 0 then 'not_applicable'
        when expected_areas > 0 and owed_and_came = 0 then 'missing'
        when expected_areas = owed_and_complete then 'complete'
        else 'partial'
    end as completeness,
    submitted_areas, expected_areas,
    case when numerator is not null then null when completeness = 'not_applicable' then '-' else '…' end as mark
from cell
order by kpi_id, period, area_level, area_code;
