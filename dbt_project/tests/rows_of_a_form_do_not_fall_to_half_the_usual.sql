-- A town's rows of a form and month against the median of its twelve months before, for the last three months.
-- Few rows vary by themselves: below twenty as a rule nothing is said.
{{ config(severity='warn', meta={
    'label_ja': '行数がふだんの半分に満たない提出',
    'reason': '一部だけの提出や、表の切り取り違いかもしれない。事情のある減り方もあるので止めない。',
    'dagster': {'ref': {'name': 'fct_form_status'}},
}) }}
with known as (
    select
        municipality_code,
        form,
        period,
        rows_total,
        median(rows_total) over before as usual_rows,
        count(*) over before as months_before
    from {{ ref('fct_form_status') }}
    where is_monthly_municipal and is_accepted
    window before as (
        partition by municipality_code, form order by period rows between 12 preceding and 1 preceding
    )
)

select
    known.municipality_code,
    known.form,
    known.period
from known
inner join {{ ref('dim_month') }} as newest on newest.is_data_month
where
    known.period > newest.period - interval 3 month
    and known.months_before >= 6
    and known.usual_rows >= 20
    and known.rows_total < known.usual_rows / 2
