-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with closed as (
    select
        municipality_code,
        closed_ym as period,
        closure_type,
        service,
        lead_agency_after
    from {{ ref('fct_case') }}
    where closed_ym is not null
)

{{ kpi_rows('closed', dimensions=['closure_type', 'service', 'lead_agency_after']) }}
