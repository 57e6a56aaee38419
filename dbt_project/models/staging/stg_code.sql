-- Grain: one code of a code list.
with codes as (
    select
        list as code_list,
        code,
        label_ja,
        cast(sort as integer) as sort,
        "group" as code_group,
        verified
    from {{ source('reference', 'codes') }}
),

-- The grant's components are a code list too, kept in a table of their own: a row for each of their rates.
rates as (
    select
        *,
        row_number() over () as place_in_list
    from {{ source('reference', 'grant_components') }}
),

components as (
    select
        'grant_component' as code_list,
        component as code,
        arg_max(label_ja, cast(valid_from_fy as bigint)) as label_ja,
        cast(row_number() over (order by min(place_in_list)) as integer) as sort,
        arg_max(field, cast(valid_from_fy as bigint)) as code_group,
        arg_max(verified, cast(valid_from_fy as bigint)) as verified
    from rates
    group by component
),

renamed as (
    select * from codes
    union all
    select * from components
)

select * from renamed
