-- The six totals a town declares against what its own rows give, for the last three months of the grid.
{{ config(severity='warn', meta={
    'label_ja': '集計表と明細が合わない市町村の月',
    'reason': '集計表と明細は別のファイルで届くので止めない。どちらかの出し直しを頼む手がかりになる。',
    'dagster': {'ref': {'name': 'kpi_monthly'}},
}) }}
select
    kpi.area_code,
    kpi.period
from {{ ref('kpi_monthly') }} as kpi
inner join {{ ref('dim_month') }} as newest on newest.is_data_month
where
    kpi.kpi_id = 'balance_gap'
    and kpi.area_level = 'municipality'
    and kpi.period > newest.period - interval 3 month
    and kpi.numerator > 0
