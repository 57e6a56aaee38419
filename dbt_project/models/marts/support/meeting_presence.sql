-- Grain: one fiscal year × area × agency group.
with attended as (
    select distinct
        meeting.municipality_code,
        {{ fiscal_year('meeting.period') }} as fiscal_year,
        meeting.period,
        meeting.meeting_no,
        agency.code_group as agency_group
    from {{ ref('fct_meeting') }} as meeting
    inner join {{ ref('stg_code') }} as agency
        on agency.code_list = 'agency_type' and list_contains(meeting.agency_types, agency.code)
    where meeting.meeting_type = 'jusou'
),

counted as (
    select
        attended.fiscal_year,
        area.area_level,
        area.area_code,
        attended.agency_group,
        count(*) as meetings
    from attended
    inner join {{ ref('int_area_municipality') }} as area on attended.municipality_code = area.municipality_code
    group by all
)

select
    {{ fiscal_year('meeting_year.period') }} as fiscal_year,
    meeting_year.prefecture_code,
    meeting_year.area_level,
    meeting_year.area_code,
    agency.code as agency_group,
    case when meeting_year.mark is null then coalesce(counted.meetings, 0) end as meetings,
    meeting_year.numerator as of_meetings,
    meeting_year.completeness,
    meeting_year.mark
from {{ ref('kpi_period') }} as meeting_year
inner join {{ ref('stg_code') }} as agency on agency.code_list = 'agency_group'
left join counted
    on
        {{ fiscal_year('meeting_year.period') }} = counted.fiscal_year
        and meeting_year.area_level = counted.area_level
        and meeting_year.area_code = counted.area_code
        and agency.code = counted.agency_group
where meeting_year.kpi_id = 'jusou_meetings' and meeting_year.period_kind = 'fiscal_year'
