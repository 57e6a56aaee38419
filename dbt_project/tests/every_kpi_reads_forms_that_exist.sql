-- A KPI that names a form without a contract would have no rows at all.
{{ config(severity='error', meta={
    'reason': '様式の名前を誤ると、その指標の行がすべて消える。',
    'dagster': {'ref': {'name': 'kpi_catalogue'}},
}) }}
with kpi_form as (
    select
        kpi_id,
        unnest(forms) as form
    from {{ ref('kpi_catalogue') }}
)

select
    kpi_form.kpi_id,
    kpi_form.form
from kpi_form
left join {{ ref('form_label') }} as form_label on kpi_form.form = form_label.form
where form_label.form is null
