-- Grain: one KPI × month × area: intervals, and funnel limits around the prefecture's value, in the unit of the value.
select
    cell.kpi_id,
    cell.period,
    cell.area_level,
    cell.area_code,
    cell.method,
    {%- for bound in ['lower_95', 'upper_95'] %}
    -- Wilson's bounds are shares already.
    bound.{{ bound }} * case cell.method when 'wilson' then 1 else cell.value_of_one end as {{ bound }},
    {%- endfor %}
    cell.centre as funnel_centre,
    {%- for limit in ['lower_95', 'upper_95', 'lower_998', 'upper_998'] %}
    funnel.{{ limit }} * cell.value_of_one as funnel_{{ limit }},
    {%- endfor %}
    cell.mark
from {{ ref('kpi_interval_cell') }} as cell
left join {{ ref('interval_bound') }} as bound
    on
        cell.method = bound.method
        and cell.numerator = bound.numerator
        and cell.denominator is not distinct from bound.denominator
left join {{ ref('funnel_limit') }} as funnel
    on
        cell.method = funnel.method
        and cell.denominator = funnel.denominator
        and cell.centre_numerator = funnel.centre_numerator
        and cell.centre_denominator = funnel.centre_denominator
order by cell.kpi_id, cell.period, cell.area_level, cell.area_code
