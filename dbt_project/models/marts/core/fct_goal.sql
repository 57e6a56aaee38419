-- Grain: one goal of a municipality in the current goal file of a fiscal year, with what came of it where measured.
{%- set measures = [
    {'goal_indicator': 'window', 'kpi_id': 'window_rate', 'is_summed': false},
    {'goal_indicator': 'consultations', 'kpi_id': 'new_consultations', 'is_summed': true},
    {'goal_indicator': 'plans', 'kpi_id': 'plans_made', 'is_summed': true},
    {'goal_indicator': 'meetings', 'kpi_id': 'jusou_meetings', 'is_summed': true},
    {'goal_indicator': 'outreach', 'kpi_id': 'outreach_persons', 'is_summed': true},
    {'goal_indicator': 'participation', 'kpi_id': 'new_matches', 'is_summed': true},
    {'goal_indicator': 'places', 'kpi_id': 'places', 'is_summed': false},
    {'goal_indicator': 'closures', 'kpi_id': 'closures', 'is_summed': true},
] %}
with measure as (
    {{ literal_rows({'goal_indicator': 'varchar', 'kpi_id': 'varchar', 'is_summed': 'boolean'}, measures) }}
),

observed as (
    {%- for measure in measures %}
    select
        '{{ measure.kpi_id }}' as kpi_id,
        area_code as municipality_code,
        period,
        numerator
    from {{ ref(measure.kpi_id) }}
    where dimension is null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- A stock is measured in the month the goal is due; a flow from April of that fiscal year on.
goal as (
    select
        goal.municipality_code,
        goal.period,
        goal.goal_no,
        goal.due_ym,
        measure.kpi_id,
        case when measure.is_summed then {{ fiscal_year_start('goal.due_ym') }} else goal.due_ym end as first_month
    from {{ ref('stg_goal') }} as goal
    inner join measure on goal.goal_indicator = measure.goal_indicator
),

measured as (
    select
        goal.municipality_code,
        goal.period,
        goal.goal_no,
        goal.kpi_id,
        cast(sum(coalesce(observed.numerator, 0)) as double) as measured_value
    from goal
    inner join {{ ref('kpi_status') }} as status
        on
            goal.kpi_id = status.kpi_id
            and goal.municipality_code = status.area_code
            and status.period between goal.first_month and goal.due_ym
            and status.is_known
    left join observed
        on
            status.kpi_id = observed.kpi_id
            and status.area_code = observed.municipality_code
            and status.period = observed.period
    group by goal.municipality_code, goal.period, goal.goal_no, goal.kpi_id
    having bool_or(status.period = goal.due_ym)
)

select
    goal.municipality_code,
    {{ fiscal_year('goal.period') }} as fiscal_year,
    goal.goal_no,
    goal.goal_indicator,
    goal.target_value,
    goal.due_ym,
    goal.evaluation_ym,
    measured.kpi_id as measured_kpi,
    measured.measured_value,
    measured.measured_value >= goal.target_value as is_reached
from {{ ref('stg_goal') }} as goal
left join measured
    on
        goal.municipality_code = measured.municipality_code
        and goal.period = measured.period
        and goal.goal_no = measured.goal_no
