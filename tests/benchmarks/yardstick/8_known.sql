-- How well each KPI is known: what it reads is one form, or several, and came or not.

create temp table kpi as
select * from (values
    ('window_rate', 'share', 1, 'setup'), ('programme_rate', 'share', 1, 'setup'),
    ('transition_rate', 'share', 1, 'setup'), ('status_known_rate', 'share', 1, 'setup'),
    ('new_consultations', 'count', 1, 'consultation'), ('new_consultations_per_100k', 'rate', 100000, 'consultation'),
    ('complex_share', 'share', 1, 'consultation'), ('gap_needs', 'count', 1, 'consultation'),
    ('gap_need_share', 'share', 1, 'consultation'), ('multi_agency_referral_share', 'share', 1, 'consultation'),
    ('gap_cases', 'count', 1, 'case'), ('gap_unmet_share', 'share', 1, 'case'), ('new_cases', 'count', 1, 'case'),
    ('plans_made', 'count', 1, 'case'), ('active_cases', 'count', 1, 'case'), ('closures', 'count', 1, 'case'),
    ('returned_cases', 'count', 1, 'case'), ('ledger_adjustment', 'count', 1, 'case'),
    ('closure_handover_share', 'share', 1, 'case'), ('closure_interrupted_share', 'share', 1, 'case'),
    ('support_months_median', 'median', 1, 'case'), ('reopened_share', 'share', 1, 'case'),
    ('plan_within_3_months', 'share', 1, 'case'), ('consent_share', 'share', 1, 'case'),
    ('conferenced_without_consent', 'count', 1, 'case'), ('outreach_met_share', 'share', 1, 'case and outreach'),
    ('jusou_meetings', 'count', 1, 'meeting'), ('support_meetings', 'count', 1, 'meeting'),
    ('cases_per_meeting', 'rate', 1, 'meeting'), ('meeting_breadth', 'share', 1, 'meeting'),
    ('outreach_persons', 'count', 1, 'outreach'), ('outreach_contacts', 'count', 1, 'outreach'),
    ('new_matches', 'count', 1, 'participation'), ('retention_6m', 'share', 1, 'participation'),
    ('places', 'count', 1, 'place'), ('place_visitors', 'count', 1, 'place'),
    ('places_open_to_all_share', 'share', 1, 'place'), ('resource_needs_open', 'count', 1, 'resource_need'),
    ('resources_developed', 'count', 1, 'resource_need'), ('grant_execution_rate', 'share', 1, 'grant'),
    ('grant_refund_yen', 'count', 1, 'grant'), ('grant_lump_gap_yen', 'count', 1, 'grant and payment'),
    ('dispatch_visits', 'count', 1, 'dispatch'), ('dispatch_reach', 'share', 1, 'dispatch'),
    ('months_since_support', 'elapsed', 1, 'dispatch and training'), ('training_coverage', 'share', 1, 'training'),
    ('action_done_rate', 'share', 1, 'dispatch_action'), ('goal_progress', 'share', 1, 'goal'),
    ('submission_rate', 'share', 1, 'what is owed'), ('submission_on_time_rate', 'share', 1, 'what is owed'),
    ('row_error_rate', 'share', 1, 'any that came'), ('balance_gap', 'count', 1, 'summary and what it sums')
) as kpi (kpi_id, kind, per, reads);

create temp table reads as
select form as reads, form from form
union all
select reads, unnest(forms) from (values
    ('case and outreach', ['case', 'outreach']), ('grant and payment', ['grant', 'grant_payment']),
    ('dispatch and training', ['dispatch', 'training']),
    ('summary and what it sums', ['monthly_summary', 'consultation', 'case', 'meeting'])
) as several (reads, forms)
union all
select reads, form from (values ('what is owed'), ('any that came')) as all_monthly (reads), form
where monthly and not prefectural;

-- Of several forms all are needed and the worst tells. Setup is known even of who never sent it; an error rate needs one
-- form that came; and whether a form came is known wherever it is owed.
create temp table known as
with told as (
    select
        reads, town, period, bool_and(came) as all_came, bool_or(came) as any_came, bool_and(owed) as all_owed,
        bool_or(owed) as any_owed, bool_and(came or not owed) as owed_came, max(badness) as worst
    from reads join form_status using (form)
    group by all
)
select
    reads, town, period, all_came as came, all_owed as owed, all_came or reads = 'setup' as is_known, worst as badness
from told where reads not in ('what is owed', 'any that came')
union all
select reads, town, period, any_owed, any_owed, any_owed, if(any_owed, 1, 4) from told where reads = 'what is owed'
union all
select
    reads, town, period, any_came, any_owed, any_came,
    case when any_came then if(owed_came, 1, 2) when any_owed then 3 else 4 end
from told where reads = 'any that came';

-- The two that read other KPIs. A goal is measured where the KPI of its indicator is known when it is due: a stock then,
-- a flow since April.
insert into figure
with measure as (
    select * from (values
        ('window', 'window_rate', false), ('consultations', 'new_consultations', true), ('plans', 'plans_made', true),
        ('meetings', 'jusou_meetings', true), ('outreach', 'outreach_persons', true),
        ('participation', 'new_matches', true), ('places', 'places', false), ('closures', 'closures', true)
    ) as measure (goal_indicator, kpi_id, is_flow)
), goal as (
    select
        g.sender_code as town, g.period as fiscal_year, goal_no, due_ym, target_value, kpi_id, reads,
        if(is_flow, fiscal_year(due_ym), due_ym) as since
    from read_parquet(getvariable('folder') || '/lake/goal/*.parquet') as g
    semi join submission as s on g.submission_id = s.submission_id and s.counts
    join measure using (goal_indicator)
    join kpi using (kpi_id)
), measured as (
    select goal.town, fiscal_year, due_ym, coalesce(sum(numerator), 0) >= target_value as is_reached
    from goal
    join known on known.reads = goal.reads and known.town = goal.town and known.period between since and due_ym and is_known
    left join figure on figure.kpi_id = goal.kpi_id and figure.town = goal.town and figure.period = known.period
    group by goal.town, fiscal_year, goal_no, due_ym, target_value
    having bool_or(known.period = due_ym)
)
select 'goal_progress', town, period, count(*) filter (where is_reached), count(*)
from measured join month using (fiscal_year) where due_ym <= period
group by all;

insert into figure
with declared as (
    unpivot (
        select
            m.sender_code as town, m.period, declared_consultations as new_consultations, declared_new_cases as new_cases,
            declared_active_cases as active_cases, declared_closures as closures, declared_jusou_meetings as jusou_meetings,
            declared_support_meetings as support_meetings
        from read_parquet(getvariable('folder') || '/lake/monthly_summary/*.parquet') as m
        semi join submission as s on m.submission_id = s.submission_id and s.counts
    ) on columns(* exclude (town, period)) into name kpi_id value declared
)
select 'balance_gap', town, period, sum(abs(declared - coalesce(numerator, 0))), null
from declared left join figure using (kpi_id, town, period)
group by all;
