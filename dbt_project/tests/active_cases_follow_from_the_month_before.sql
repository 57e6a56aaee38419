-- active(m) = active(m−1) + new_cases(m) − closures(m) − returned(m) + Σ signed adjustments,
-- for every two consecutive ledgers of a municipality.
{{ config(severity='error', meta={
    'reason': '在庫と出入りがつながらなければ、どれかの数え方が誤っている。',
    'dagster': {'ref': {'name': 'kpi_monthly'}},
}) }}
with figure as (
    select
        area_code as municipality_code,
        period,
        max(numerator) filter (where kpi_id = 'active_cases') as in_stock,
        max(numerator) filter (where kpi_id = 'new_cases') as accepted,
        max(numerator) filter (where kpi_id = 'closures') as closed,
        max(numerator) filter (where kpi_id = 'returned_cases') as returned
    from {{ ref('kpi_monthly') }}
    where area_level = 'municipality'
    group by area_code, period
)

select
    ledger_change.municipality_code,
    ledger_change.period
from {{ ref('fct_ledger_change') }} as ledger_change
inner join figure
    on ledger_change.municipality_code = figure.municipality_code and ledger_change.period = figure.period
inner join figure as previous
    on
        ledger_change.municipality_code = previous.municipality_code
        and previous.period = {{ months_after('ledger_change.period', -1) }}
where
    ledger_change.follows_ledger
    and figure.in_stock is distinct from
    previous.in_stock + figure.accepted - figure.closed - figure.returned + ledger_change.adjustment
