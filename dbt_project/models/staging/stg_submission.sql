-- Grain: one submission (a form in a file).
with source as (
    select * from {{ source('intake', 'submission') }}
),

renamed as (
    select
        submission_id,
        sender_code,
        form,
        period,
        status,
        rows_total,
        rows_accepted,
        rows_rejected,
        received_at,
        arrival_order,
        stands,
        is_current
    from source
)

select * from renamed
