-- kpi_monthly as one person would write it by hand: no layers, no tests, no breakdowns. The scripts of this folder run in
-- order, one connection, with these variables set: folder (of the lake), until (the last month known), codes (the code
-- lists, csv) and deadline_day. Each subject puts what it counts per municipality and month into `figure`; 9_kpi_monthly
-- says how well each is known, and adds up.
-- Here: the months, the municipalities, and who owed and sent what.

create temp table submission as
select * from read_parquet(getvariable('folder') || '/submission.parquet') where period <= getvariable('until');

create temp table town as
select municipality_code as town, 'R-' || region as region, population_2020::bigint as population
from read_csv(getvariable('folder') || '/municipalities.csv', all_varchar = true);

create temp table area as
select 'municipality' as area_level, town as area_code, town from town
union all select 'region', region, town from town
union all select 'prefecture', '110001', town from town;

create temp table form as
select * from (values
    ('consultation', true, false), ('case', true, false), ('meeting', true, false), ('outreach', true, false),
    ('participation', true, false), ('place', true, false), ('resource_need', true, false),
    ('monthly_summary', true, false), ('setup', false, false), ('goal', false, false), ('function_check', false, false),
    ('grant', false, true), ('grant_payment', false, true), ('dispatch', true, true), ('dispatch_action', true, true),
    ('training', true, true)
) as form (form, monthly, prefectural);

-- Fiscal years begin in April; they are named by the first day of it.
create macro fiscal_year(day) as make_date(year(day - interval 3 month), 4, 1);
create macro month_of(day) as date_trunc('month', day)::date;
create macro months_on(month, months) as (month + to_months(months))::date;

create temp table month as
select unnest(range(min(period), max(period) + interval 1 month, interval 1 month))::date as period
from submission join form using (form) where is_current and monthly;
alter table month add column fiscal_year date;
update month set fiscal_year = fiscal_year(period);

-- What a municipality had last said of its system by the end of each month.
create temp table setup as
with said as (
    select s.sender_code as town, s.as_of, implementation_status as status, one_stop_window or coordination_team as has_window
    from read_parquet(getvariable('folder') || '/lake/setup/*.parquet') as s
    join submission on s.submission_id = submission.submission_id and counts
    qualify row_number() over (partition by s.sender_code, s.as_of order by arrival_order desc) = 1
)
select grid.*, as_of, status, coalesce(status in ('implementing', 'transition_prep'), false) as runs_programme, has_window
from (select town, period, fiscal_year, last_day(period) as until from town cross join month) as grid
asof left join said on grid.town = said.town and grid.until >= said.as_of;

create temp table form_status as
with sent as (
    select
        sender_code, form, period, any_value(rows_total) filter (where is_current) as rows_total,
        any_value(rows_rejected) filter (where is_current) as rows_rejected,
        min(received_at) filter (where stands)::date as first_accepted_on
    from submission group by all having bool_or(is_current)
), first_sent as (
    select sender_code, form, min(period) as period from sent group by all
)
select
    town, setup.period, form.form, monthly and not prefectural as is_monthly, sent.form is not null as came,
    prefectural or form.form = 'setup' or monthly and (
        runs_programme or form.form in ('consultation', 'monthly_summary') and coalesce(setup.period >= first_sent.period, false)
    ) as owed,
    case when not came then if(owed, 3, 4) when rows_rejected > 0 then 2 else 1 end as badness,  -- completeness, the worst last
    rows_total, rows_rejected,
    first_accepted_on < setup.period + interval 1 month + to_days(getvariable('deadline_day')::integer) as on_time
from setup
cross join form
left join sent
    on sent.sender_code = if(prefectural, '110001', town) and sent.form = form.form
        and sent.period = if(monthly, setup.period, fiscal_year)
left join first_sent on first_sent.sender_code = town and first_sent.form = form.form;

-- What the subjects count. Where there is no row, it is 0 or unknown, as its forms came or not.
create temp table figure (kpi_id varchar, town varchar, period date, numerator bigint, denominator bigint);
-- What no sum over municipalities gives: for each area that has one.
create temp table figure_of_area (kpi_id varchar, area_code varchar, period date, numerator bigint);
