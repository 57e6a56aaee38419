-- Grain: one municipality.
with municipality as (
    select
        *,
        -- Towns and villages have no welfare office of their own as a rule.
        kind not in ('町', '村') as has_welfare_office
    from {{ ref('stg_municipality') }}
),

trait as (
    select
        municipality_code,
        unnest([
            ln(population_2020),
            pop_65plus / population_2020,
            households_elderly_single / households_general,
            population_2020 / habitable_area_ha
        ]) as measure,
        unnest(['population', 'elderly', 'elderly_single', 'density']) as trait
    from municipality
),

standardised as (
    select
        municipality_code,
        trait,
        coalesce((measure - avg(measure) over same_trait) / nullif(stddev_pop(measure) over same_trait, 0), 0) as z
    from trait
    window same_trait as (partition by trait)
    union all
    select
        municipality_code,
        'welfare_office' as trait,
        cast(has_welfare_office as integer) as z
    from municipality
),

distance as (
    select
        own.municipality_code,
        other.municipality_code as peer,
        -- Rounded so that equal distances are equal and the code decides.
        round(sqrt(sum((own.z - other.z) ** 2)), 9) as apart
    from standardised as own
    inner join standardised as other
        on own.trait = other.trait and own.municipality_code <> other.municipality_code
    group by own.municipality_code, other.municipality_code
),

peer as (
    select
        municipality_code,
        list(peer order by apart, peer)[1:6] as peers
    from distance
    group by municipality_code
)

select
    municipality.municipality_code,
    municipality.lg_code5,
    municipality.name,
    municipality.kana,
    municipality.kind,
    municipality.county,
    municipality.region,
    municipality.region_code,
    municipality.region_verified,
    municipality.population_2020,
    municipality.lat,
    municipality.lon,
    municipality.tile_col,
    municipality.tile_row,
    municipality.tile_label,
    municipality.pop_under15,
    municipality.pop_15_64,
    municipality.pop_65plus,
    municipality.pop_75plus,
    municipality.pop_foreign,
    municipality.households_general,
    municipality.households_single,
    municipality.households_elderly_couple,
    municipality.households_elderly_single,
    municipality.area_ha,
    municipality.habitable_area_ha,
    municipality.has_welfare_office,
    coalesce(peer.peers, []) as peers
from municipality
left join peer on municipality.municipality_code = peer.municipality_code
