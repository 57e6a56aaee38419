{#- The KPIs there are. A new KPI is its name here, one sql and one yml in models/marts/kpi. -#}
{% macro kpi_ids() -%}
    {{ return([
        'window_rate',
        'programme_rate',
        'transition_rate',
        'new_consultations',
        'complex_share',
        'gap_needs',
        'gap_need_share',
        'new_cases',
        'active_cases',
        'closures',
        'returned_cases',
        'jusou_meetings',
        'support_meetings',
        'grant_execution_rate',
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

{#-
    The rows every KPI hands on: municipality_code, period, dimension, member, numerator, denominator. Sparse: a cell that is
    not there is zero or not submitted, which kpi_cell decides. `relation` has municipality_code, period (a month) and a column
    per dimension; the KPI itself has dimension and member null, a blank of a dimension has member null.
-#}
{% macro kpi_rows(relation, numerator='count(*)', denominator='null', dimensions=[]) -%}
    {%- for dimension in [none] + dimensions %}
    select
        municipality_code,
        period,
        cast({{ literal(dimension) }} as varchar) as dimension,
        cast({{ dimension or 'null' }} as varchar) as member,
        cast({{ numerator }} as bigint) as numerator,
        cast({{ denominator }} as bigint) as denominator
    from {{ relation }}
    group by municipality_code, period{{ ', ' ~ dimension if dimension }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
