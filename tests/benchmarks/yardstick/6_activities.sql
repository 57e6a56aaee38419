-- Meetings, outreach, participation, places, needs for resources.

set variable group_of = (
    select map(list(code), list("group")) from read_csv(getvariable('codes'), all_varchar = true) where list = 'agency_type'
);

insert into figure
with meeting as (
    select
        m.sender_code as town, m.period, count(*) filter (where meeting_type = 'jusou') as jusou,
        count(*) filter (where meeting_type = 'support_106_6') as support,
        sum(cases_discussed) filter (where meeting_type = 'jusou') as cases,
        count(*) filter (
            where meeting_type = 'jusou'
                and list_unique(list_transform(agency_types, lambda agency: getvariable('group_of')[agency])) >= 3
        ) as broad
    from read_parquet(getvariable('folder') || '/lake/meeting/*.parquet') as m
    semi join submission as s on m.submission_id = s.submission_id and s.counts
    group by all
)
select
    unnest(['jusou_meetings', 'support_meetings', 'cases_per_meeting', 'meeting_breadth']), town, period,
    unnest([jusou, support, cases, broad]), unnest([null, null, jusou, jusou])
from meeting;

insert into figure
with outreach as (
    select
        o.sender_code as town, o.period, count(*) as persons,
        sum(visits + letters + calls_messages + accompaniments + agency_contacts) as contacts
    from read_parquet(getvariable('folder') || '/lake/outreach/*.parquet') as o
    semi join submission as s on o.submission_id = s.submission_id and s.counts
    group by all
)
select unnest(['outreach_persons', 'outreach_contacts']), town, period, unnest([persons, contacts]), null from outreach;

create temp table matched as
select p.sender_code as town, p.matched_ym, p.match_status, p.ended_ym
from read_parquet(getvariable('folder') || '/lake/participation/*.parquet') as p
semi join submission as s on p.submission_id = s.submission_id and s.counts
qualify row_number() over (partition by p.sender_code, match_no order by p.period desc) = 1;

insert into figure
select 'new_matches', town, matched_ym, count(*), null from matched group by all
union all
select
    'retention_6m', town, months_on(matched_ym, 6),
    count(*) filter (where not coalesce(match_status = 'withdrawn' and ended_ym <= months_on(matched_ym, 6), false)), count(*)
from matched where match_status <> 'matching' group by town, matched_ym;

insert into figure
with place as (
    select
        p.sender_code as town, p.period, count(*) as places, sum(visitors) as visitors,
        count(*) filter (where is_open_to_all) as open_to_all
    from read_parquet(getvariable('folder') || '/lake/place/*.parquet') as p
    semi join submission as s on p.submission_id = s.submission_id and s.counts
    where coalesce(closed_ym > p.period, true)
    group by all
)
select
    unnest(['places', 'place_visitors', 'places_open_to_all_share']), town, period,
    unnest([places, visitors, open_to_all]), unnest([null, null, places])
from place;

create temp table need as
select n.sender_code as town, n.period, need_no, need_status, resolved_ym
from read_parquet(getvariable('folder') || '/lake/resource_need/*.parquet') as n
semi join submission as s on n.submission_id = s.submission_id and s.counts;

insert into figure
select 'resource_needs_open', town, period, count(*), null
from need where need_status in ('identified', 'considering') group by all
union all
select 'resources_developed', town, resolved_ym, count(*), null
from (from need qualify row_number() over (partition by town, need_no order by period desc) = 1)
where need_status = 'developed' group by all;
