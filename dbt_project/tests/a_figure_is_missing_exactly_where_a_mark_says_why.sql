-- A null numerator carries `…` or `-`, a numerator that is there carries none.
{{ config(severity='error', meta={
    'reason': '空欄の値には必ず理由の記号があり、値のあるところには無い。',
    'dagster': {'ref': {'name': 'kpi_monthly_by'}},
}) }}
with cell as (
    select
        kpi_id,
        period,
        area_code,
        null as dimension,
        null as member,
        numerator,
        mark
    from {{ ref('kpi_monthly') }}
    union all
    select
        kpi_id,
        period,
        area_code,
        dimension,
        member,
        numerator,
        mark
    from {{ ref('kpi_monthly_by') }}
)

select
    kpi_id,
    period,
    area_code,
    dimension,
    member
from cell
where (numerator is null) <> (coalesce(mark, '') in ('…', '-'))
