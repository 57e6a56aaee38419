-- Grain: one column of a form.
with source as (
    select * from {{ source('reference', 'form_column') }}
),

renamed as (
    select
        form,
        column_id,
        label_ja,
        type,
        code_list,
        required as is_required
    from source
)

select * from renamed
