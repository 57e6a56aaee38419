-- Grain: one municipality × month (see kpi_rows).
{%- set declared_kpis = {
    'declared_consultations': 'new_consultations',
    'declared_new_cases': 'new_cases',
    'declared_active_cases': 'active_cases',
    'declared_closures': 'closures',
    'declared_jusou_meetings': 'jusou_meetings',
    'declared_support_meetings': 'support_meetings',
} %}
with declared as (
    {%- for column, kpi_id in declared_kpis.items() %}
    select
        municipality_code,
        period,
        '{{ kpi_id }}' as kpi_id,
        {{ column }} as declared
    from {{ ref('fct_monthly_summary') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

computed as (
    {%- for kpi_id in declared_kpis.values() %}
    select
        area_code as municipality_code,
        period,
        '{{ kpi_id }}' as kpi_id,
        numerator as computed
    from {{ ref(kpi_id) }}
    where dimension is null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

gap as (
    select
        declared.municipality_code,
        declared.period,
        abs(declared.declared - coalesce(computed.computed, 0)) as gap
    from declared
    left join computed
        on
            declared.kpi_id = computed.kpi_id
            and declared.municipality_code = computed.municipality_code
            and declared.period = computed.period
)

{{ kpi_rows('gap', numerator='sum(gap)') }}
