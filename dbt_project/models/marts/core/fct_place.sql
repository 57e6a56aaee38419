-- Grain: one place in one month's ledger of a municipality.
select
    municipality_code,
    period,
    place_no,
    base_scheme,
    opened_ym,
    closed_ym,
    is_open_to_all,
    open_days,
    visitors,
    closed_ym is null or closed_ym > period as is_open
from {{ ref('stg_place') }}
