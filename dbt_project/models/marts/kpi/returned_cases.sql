-- Grain: one municipality × month (see kpi_rows).
with returned as (
    select
        municipality_code,
        returned_ym as period
    from {{ ref('fct_case') }}
    where returned_ym is not null
)

{{ kpi_rows('returned') }}
