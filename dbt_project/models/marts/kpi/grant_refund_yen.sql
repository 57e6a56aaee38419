-- Grain: one municipality × month (see kpi_rows).
with finalised as (
    select * from {{ ref('int_grant_booked') }}
    where final_yen is not null
)

{{ kpi_rows('finalised', numerator='sum(greatest(advanced_yen - final_yen, 0))') }}
