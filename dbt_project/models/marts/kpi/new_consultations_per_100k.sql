-- Grain: one municipality × month (see kpi_rows).
with consultation as (
    select
        municipality_code,
        period,
        count(*) as consultations
    from {{ ref('fct_consultation') }}
    group by municipality_code, period
),

submitted as (
    select
        form_status.municipality_code,
        form_status.period,
        coalesce(consultation.consultations, 0) as consultations,
        municipality.population_2020
    from {{ ref('fct_form_status') }} as form_status
    inner join {{ ref('dim_municipality') }} as municipality
        on form_status.municipality_code = municipality.municipality_code
    left join consultation
        on
            form_status.municipality_code = consultation.municipality_code
            and form_status.period = consultation.period
    where form_status.form = 'consultation' and form_status.is_accepted
)

{{ kpi_rows('submitted', numerator='sum(consultations)', denominator='sum(population_2020)') }}
