-- Grain: one municipality × month (see kpi_rows).
with conferenced as (
    select
        municipality_code,
        conferenced_ym as period
    from {{ ref('fct_case') }}
    where
        conferenced_ym is not null
        and not coalesce(consent_status = 'granted' and consent_ym <= conferenced_ym, false)
)

{{ kpi_rows('conferenced') }}
