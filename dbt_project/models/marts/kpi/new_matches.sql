-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with matched as (
    select
        municipality_code,
        matched_ym as period,
        resource_type,
        resource_origin
    from {{ ref('fct_match') }}
    where matched_ym is not null
)

{{ kpi_rows('matched', dimensions=['resource_type', 'resource_origin']) }}
