{#- How a model enters the warehouse. The file is made anew by every run, so nothing is swapped, renamed or kept as a backup; -#}
{#- one statement per model makes it, checks its key and describes it. -#}

{% materialization view, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='view') %}
    {%- call statement('main', auto_begin=false) %}
    begin;
    create or replace view {{ relation }} as (
        {{ compiled_code }}
    );
    {{ comments(relation) }}
    commit;
    {%- endcall %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set relation = this.incorporate(type='table') %}
    {%- if model.language == 'python' %}
        {%- set make = 'create or replace table ' ~ relation ~ ' as from model_rows;' %}
        {%- call statement('main', auto_begin=false, language='python') %}
{{ compiled_code }}

def materialize(rows, con):
    con.register('model_rows', rows)
    con.execute({{ tojson('begin; ' ~ make ~ comments(relation) ~ 'commit;') }})
    con.unregister('model_rows')
        {%- endcall %}
    {%- else %}
        {%- call statement('main', auto_begin=false) %}
    begin;
    {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(compiled_code) }}
    create or replace table {{ relation }} (
        {%- for column in model.columns.values() %}
        {{ column.name }} {{ column.data_type }}{{ ' not null' if is_required(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    );
    {%- for part in compiled_code.split(next_part()) %}
    insert into {{ relation }} by name (
        {{ part }}
    );
    {%- endfor %}
    {{ key_check(relation) }}
    {%- else %}
    create or replace table {{ relation }} as (
        {{ compiled_code }}
    );
    {%- endif %}
    {{ comments(relation) }}
    commit;
        {%- endcall %}
    {%- endif %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{#- Between parts of a query that a table with a contract takes in one after the other. In one statement DuckDB works on all at -#}
{#- once, and the whole nation's do not fit into memory together. -#}
{% macro next_part() -%}
    union all -- apart
{%- endmacro %}

{#- Whether a column of a contract may be blank: the only constraint a column has, and what a primary key means for its own. -#}
{% macro is_required(column) %}
    {%- set keys = model.constraints | selectattr('type', 'eq', 'primary_key') | map(attribute='columns') | sum(start=[]) %}
    {{- return(column.constraints or column.name in keys) }}
{% endmacro %}

{#- Keys of a contract. DuckDB's own would be an index over text, which costs more time and memory than the table itself. -#}
{% macro key_check(relation) %}
    {%- for constraint in model.constraints %}
    select error('{{ relation.identifier }}: two rows have the same {{ constraint.columns | join(", ") }}')
    from (
        select {{ constraint.columns | join(', ') }}
        from {{ relation }}
        group by all
        having count(*) > 1
        limit 1
    );
    {%- endfor %}
{% endmacro %}

{#- The descriptions in the yml, as comments in the database. -#}
{% macro comments(relation) %}
    comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(model.description) }};
    {%- for column in model.columns.values() %}
    comment on column {{ relation }}.{{ column.name }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
{% endmacro %}
