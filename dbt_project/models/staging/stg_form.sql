-- Grain: one form.
with source as (
    select * from {{ source('reference', 'form') }}
),

renamed as (
    select
        form,
        label_ja,
        cadence,
        sender
    from source
)

select * from renamed
