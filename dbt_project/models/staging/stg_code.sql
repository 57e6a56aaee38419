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

-- The grant's components are a code list too, kept with their rates in a table of their own.
components as (
    select
        'grant_component' as code_list,
        component as code,
        label_ja,
        cast(row_number() over () as integer) as sort,
        field as code_group,
        verified
    from {{ source('reference', 'grant_components') }}
),

renamed as (
    select * from codes
    union all
    select * from components
)

select * from renamed
