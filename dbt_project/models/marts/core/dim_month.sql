-- Grain: one month of the grid.
with month as (
    select
        period,
        last_month,
        {{ fiscal_year('period') }} as fiscal_year,
        cast(extract(year from period) as bigint) as calendar_year
    from {{ ref('int_month') }}
)

select
    period,
    fiscal_year,
    {{ era_year('calendar_year', "(period >= date '2019-05-01')") }}
    || '年' || extract(month from period) || '月' as label_ja,
    {{ era_year('fiscal_year', '(fiscal_year >= 2019)') }} || '年度' as fiscal_year_label_ja,
    period = last_month as is_data_month
from month
