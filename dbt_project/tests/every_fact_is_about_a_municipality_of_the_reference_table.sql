-- Every fact is about a municipality of the reference table.
{%- set facts = [
    'fct_case',
    'fct_consultation',
    'fct_dispatch',
    'fct_dispatch_action',
    'fct_function_check',
    'fct_goal',
    'fct_grant',
    'fct_grant_payment',
    'fct_match',
    'fct_meeting',
    'fct_monthly_summary',
    'fct_outreach',
    'fct_place',
    'fct_resource_need',
    'fct_setup',
    'fct_training',
] %}
{{ config(severity='error', meta={
    'reason': '受付は参照表にある市町村の提出と行だけを通す。',
    'dagster': {'ref': {'name': 'dim_municipality'}},
}) }}
with fact as (
    {%- for fact in facts %}
    select distinct
        '{{ fact }}' as fact,
        municipality_code
    from {{ ref(fact) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    fact.fact,
    fact.municipality_code
from fact
anti join {{ ref('dim_municipality') }} as municipality on fact.municipality_code = municipality.municipality_code
