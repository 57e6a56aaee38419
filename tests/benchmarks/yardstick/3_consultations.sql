-- Consultations: one pass over the form.

create temp table consultation as
select
    c.sender_code as town, c.period, count(*) as rows, count(*) filter (where is_complex) as complex,
    count(*) filter (where gap_need) as gap, count(*) filter (where is_complex and screening_result = '4') as referred
from read_parquet(getvariable('folder') || '/lake/consultation/*.parquet') as c
semi join submission as s on c.submission_id = s.submission_id and s.counts
group by all;

insert into figure
select
    unnest(['new_consultations', 'complex_share', 'gap_needs', 'gap_need_share', 'multi_agency_referral_share']), town, period,
    unnest([rows, complex, gap, gap, referred]), unnest([null, rows, null, rows, complex])
from consultation;

-- Per head of those that sent the form, rows or none.
insert into figure
select 'new_consultations_per_100k', town, period, coalesce(rows, 0), population
from form_status join town using (town) left join consultation using (town, period)
where form = 'consultation' and came;
