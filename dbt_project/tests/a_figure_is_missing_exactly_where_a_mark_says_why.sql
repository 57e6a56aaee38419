-- A null numerator carries `…` or `-`, a numerator that is there carries none.
{{ config(severity='error', meta={
    'reason': '空欄の値には必ず理由の記号があり、値のあるところには無い。',
    'dagster': {'ref': {'name': 'kpi_cell'}},
}) }}
select
    kpi_id,
    period,
    area_code,
    dimension,
    member
from {{ ref('kpi_cell') }}
where (numerator is null) <> (coalesce(mark, '') in ('…', '-'))
