-- Grain: one KPI × dimension it is broken down by.
{%- set columns = {
    'kpi_id': 'varchar',
    'dimension': 'varchar',
    'form': 'varchar',
    'column_id': 'varchar',
    'label_ja': 'varchar',
    'code_list': 'varchar',
} %}
{%- set rows = [] %}
{%- if execute %}
    {%- for kpi_id in kpi_ids() %}
        {%- for dimension, told in kpi_meta(kpi_id).get('dimensions', {}).items() %}
            {%- set form, column_id = told.column.split('.') if told.column else (none, none) %}
            {%- do rows.append(dict(
                told, kpi_id=kpi_id, dimension=dimension, form=form, column_id=column_id
            )) %}
        {%- endfor %}
    {%- endfor %}
{%- endif %}
with told as (
    {{ literal_rows(columns, rows) }}
)

select
    told.kpi_id,
    told.dimension,
    coalesce(told.label_ja, form_column.label_ja) as label_ja,
    coalesce(told.code_list, form_column.code_list) as code_list,
    coalesce(not form_column.is_required, false) as may_be_blank,
    coalesce(form_column.type <> 'code_list', true) as is_single_choice
from told
left join {{ ref('stg_form_column') }} as form_column
    on told.form = form_column.form and told.column_id = form_column.column_id
