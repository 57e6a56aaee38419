-- Grain: one KPI.
{%- set columns = {
    'kpi_id': 'varchar',
    'label_ja': 'varchar',
    'sort': 'integer',
    'kind': 'varchar',
    'unit': 'varchar',
    'per': 'bigint',
    'direction': 'varchar',
    'formula_ja': 'varchar',
    'why_it_matters': 'varchar',
    'source': 'varchar',
    'owner': 'varchar',
    'reviewed_on': 'date',
    'counts_persons': 'boolean',
    'adds_over_time': 'boolean',
    'forms': 'varchar[]',
} %}
{%- set rows = [] %}
{%- if execute %}
    {%- for kpi_id in kpi_ids() %}
        {%- do rows.append(dict(kpi_meta(kpi_id), kpi_id=kpi_id)) %}
    {%- endfor %}
{%- endif %}
{{ literal_rows(columns, rows) }}
