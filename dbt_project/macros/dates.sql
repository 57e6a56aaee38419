{#- Dates of the Japanese administration: fiscal years run from April to March and carry their Gregorian start year. -#}

{% macro fiscal_year(day) -%}
    cast(extract(year from {{ day }} - interval 3 month) as bigint)
{%- endmacro %}

{% macro fiscal_year_start(day) -%}
    make_date({{ fiscal_year(day) }}, 4, 1)
{%- endmacro %}

{#- 令和6, 令和元, 平成30: `is_reiwa` says which era the day or fiscal year counts in. -#}
{% macro era_year(year, is_reiwa) -%}
    case
        when not {{ is_reiwa }} then '平成' || ({{ year }} - 1988)
        when {{ year }} = 2019 then '令和元'
        else '令和' || ({{ year }} - 2018)
    end
{%- endmacro %}
