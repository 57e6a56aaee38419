-- Of two rows of a component, the earlier one ends before the later one begins.
{{ config(severity='error', meta={
    'reason': '2つの率が同じ年度に当たると、その年度の行がどちらの率か決まらない。前の率の valid_to_fy を入れる。',
}) }}
select
    component,
    valid_from_fy
from {{ ref('stg_grant_rate') }}
qualify
    lead(valid_from_fy) over (partition by component order by valid_from_fy)
    <= coalesce(valid_to_fy, lead(valid_from_fy) over (partition by component order by valid_from_fy))
