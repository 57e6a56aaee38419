-- Grain: one municipality × month (see kpi_rows).
with part as (
    select
        payment.municipality_code,
        grid_month.period,
        payment.amount_yen
    from {{ ref('dim_month') }} as grid_month
    inner join {{ ref('fct_grant_payment') }} as payment
        on
            grid_month.fiscal_year = payment.fiscal_year
            and {{ is_booked_by('payment.paid_on', 'grid_month.period') }}
    where payment.source = 'prefectural'
    union all
    select
        municipality_code,
        period,
        -advanced_prefectural_yen as amount_yen
    from {{ ref('int_grant_booked') }}
)

{{ kpi_rows('part', numerator='sum(amount_yen)') }}
