{#- The KPIs there are, in the order in which people read them. A new KPI is its name here, one sql and one yml in models/marts/kpi. -#}
{% macro kpi_ids() -%}
    {{ return([
        'window_rate',
        'programme_rate',
        'transition_rate',
        'status_known_rate',
        'new_consultations',
        'new_consultations_per_100k',
        'complex_share',
        'gap_needs',
        'gap_need_share',
        'gap_cases',
        'gap_unmet_share',
        'multi_agency_referral_share',
        'new_cases',
        'plans_made',
        'active_cases',
        'closures',
        'returned_cases',
        'ledger_adjustment',
        'closure_handover_share',
        'closure_interrupted_share',
        'support_months_median',
        'reopened_share',
        'plan_within_3_months',
        'consent_share',
        'conferenced_without_consent',
        'jusou_meetings',
        'support_meetings',
        'cases_per_meeting',
        'meeting_breadth',
        'outreach_persons',
        'outreach_contacts',
        'outreach_met_share',
        'new_matches',
        'retention_6m',
        'places',
        'place_visitors',
        'places_open_to_all_share',
        'resource_needs_open',
        'resources_developed',
        'grant_execution_rate',
        'grant_refund_yen',
        'grant_lump_gap_yen',
        'dispatch_visits',
        'dispatch_reach',
        'months_since_support',
        'action_done_rate',
        'training_coverage',
        'goal_progress',
        'submission_rate',
        'submission_on_time_rate',
        'row_error_rate',
        'balance_gap',
    ]) }}
{%- endmacro %}

{#- What the yml beside a KPI says of it (config.meta). Known only while running: dbt patches it in after parsing. -#}
{% macro kpi_meta(kpi_id) -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ kpi_id].config.meta) }}
{%- endmacro %}

{#- A select of literal rows, one per item of `rows`; `columns` maps name → type. No rows give an empty relation. -#}
{% macro literal_rows(columns, rows) -%}
    {%- for row in rows %}
    select
        {%- for column, type in columns.items() %}
        cast({{ literal(row[column]) }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    union all
    {%- endfor %}
    select
        {%- for column, type in columns.items() %}
        cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}

{% macro literal(value) -%}
    {%- if value is none or value is undefined -%} null
    {%- elif value is boolean or value is number -%} {{ value }}
    {%- elif value is string -%} '{{ value | trim | replace("'", "''") }}'
    {%- else -%} [{% for item in value %}{{ literal(item) }}{{ ", " if not loop.last }}{% endfor %}]
    {%- endif -%}
{%- endmacro %}

{#- Kinds whose numerators and denominators add up over areas; of the others (median, elapsed) each area has its own or none. -#}
{% macro is_summed(kind) -%}
    {{ kind }} in ('count', 'share', 'rate')
{%- endmacro %}

{#-
    The rows every KPI hands on: area_code, period, dimension, member, numerator, denominator. Sparse: a cell that is not there
    is zero or not submitted, which kpi_cell decides. `relation` has municipality_code, period (a month) and a column per
    dimension; the KPI itself has dimension and member null, a blank of a dimension has member null. `lists` names the column
    of a dimension that holds several codes: a row counts once in each of them.
-#}
{% macro kpi_rows(relation, numerator='count(*)', denominator='null', dimensions=[], lists={}) -%}
    {%- for dimension in [none] + dimensions %}
    select
        municipality_code as area_code,
        period,
        cast({{ literal(dimension) }} as varchar) as dimension,
        cast({{ dimension or 'null' }} as varchar) as member,
        cast({{ numerator }} as bigint) as numerator,
        cast({{ denominator }} as bigint) as denominator
    {%- if dimension in lists %}
    from (select *, unnest({{ lists[dimension] }}) as {{ dimension }} from {{ relation }}) as {{ relation }}
    {%- else %}
    from {{ relation }}
    {%- endif %}
    group by municipality_code, period{{ ', ' ~ dimension if dimension }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- Fiscal year to date: 1 of 1 for a municipality that received support of this kind from April to the month, else 0 of 1. -#}
{% macro reached_in_fiscal_year(kind) -%}
with reached as (
    select
        grid.municipality_code,
        grid.period,
        count(received.support_no) as times
    from {{ ref('int_municipality_month') }} as grid
    left join {{ ref('fct_support_received') }} as received
        on
            grid.municipality_code = received.municipality_code
            and received.received_on between grid.fiscal_year_start and grid.period_end
            and received.kind = '{{ kind }}'
    group by grid.municipality_code, grid.period
)

{{ kpi_rows('reached', numerator='count(*) filter (where times > 0)', denominator='count(*)') }}
{%- endmacro %}

{#- Of the cases closed in the twelve months to the month, those that ended this way. -#}
{% macro share_of_closures(closure_type) -%}
with closed as (
    select
        municipality_code,
        {{ each_month_after('closed_ym', 0, 11) }} as period,
        closure_type
    from {{ ref('fct_case') }}
    where closed_ym is not null
)

{{ kpi_rows(
    'closed',
    numerator="count(*) filter (where closure_type = '" ~ closure_type ~ "')",
    denominator='count(*)'
) }}
{%- endmacro %}

{#- What is shown of a numerator and a denominator: null when the denominator is 0 or nothing is known. -#}
{% macro kpi_value(kind, numerator, denominator, per) -%}
    case {{ kind }}
        when 'share' then cast({{ numerator }} as double) / nullif({{ denominator }}, 0)
        when 'rate' then cast({{ numerator }} as double) / nullif({{ denominator }}, 0) * {{ per }}
        else cast({{ numerator }} as double)
    end
{%- endmacro %}
