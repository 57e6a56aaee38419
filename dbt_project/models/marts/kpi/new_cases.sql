-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with accepted as (
    select
        municipality_code,
        accepted_ym as period,
        service,
        referred_from
    from {{ ref('fct_case') }}
)

{{ kpi_rows('accepted', dimensions=['service', 'referred_from']) }}
