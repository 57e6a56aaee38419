{#- Dates of the Japanese administration: fiscal years run from April to March and carry their Gregorian start year. -#}

{% macro fiscal_year(day) -%}
    cast(extract(year from {{ day }} - interval 3 month) as bigint)
{%- endmacro %}

{% macro fiscal_year_start(day) -%}
    make_date({{ fiscal_year(day) }}, 4, 1)
{%- endmacro %}

{#- The first day of the month `months` after the month of `day` (before it, if negative). -#}
{% macro months_after(day, months) -%}
    cast(date_trunc('month', {{ day }}) + interval ({{ months }}) month as date)
{%- endmacro %}

{#- One row for each month from `first` to `last` months after `month`: the months whose windows look back on it. -#}
{% macro each_month_after(month, first, last) -%}
    cast(unnest(generate_series(
        {{ month }} + interval {{ first }} month, {{ month }} + interval {{ last }} month, interval 1 month
    )) as date)
{%- endmacro %}

{#- What is dated so is known in the books of a fiscal year by the end of a month of it. They stay open after March (出納整理期間): its figure uses all of the year. -#}
{% macro is_booked_by(day, month) -%}
    ({{ day }} <= last_day({{ month }}) or extract(month from {{ month }}) = 3)
{%- endmacro %}

{#- 令和6, 令和元, 平成30: `is_reiwa` says which era the day or fiscal year counts in. -#}
{% macro era_year(year, is_reiwa) -%}
    case
        when not {{ is_reiwa }} then '平成' || ({{ year }} - 1988)
        when {{ year }} = 2019 then '令和元'
        else '令和' || ({{ year }} - 2018)
    end
{%- endmacro %}
