-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with planned as (
    select
        municipality_code,
        planned_ym as period,
        service
    from {{ ref('fct_case') }}
    where planned_ym is not null
)

{{ kpi_rows('planned', dimensions=['service']) }}
