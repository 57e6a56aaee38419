-- All areas: sums over the municipalities that are known, and how complete that is.

create temp table status as
select
    reads, period, area_level, area_code, bool_or(is_known) as is_known,
    count(*) filter (where came)::integer as submitted_areas, count(*) filter (where owed)::integer as expected_areas,
    case
        when area_level = 'municipality' then ['complete', 'partial', 'missing', 'not_applicable'][any_value(badness)]
        when expected_areas = 0 and submitted_areas = 0 then 'not_applicable'
        when expected_areas > 0 and count(*) filter (where owed and came) = 0 then 'missing'
        when expected_areas = count(*) filter (where owed and badness = 1) then 'complete'
        else 'partial'
    end as completeness
from known join area using (town)
group by reads, period, area_level, area_code;

create table kpi_monthly as
with summed as (
    select kpi_id, area_code, period, sum(numerator)::bigint as numerator, sum(denominator)::bigint as denominator
    from figure
    join kpi using (kpi_id)
    join known using (reads, town, period)
    join area using (town)
    where is_known
    group by all
    union all
    select *, null from figure_of_area
), cell as (
    select
        kpi_id, kind, per, status.*,
        case
            when not is_known then null
            when kind in ('count', 'share', 'rate') then coalesce(summed.numerator, 0)
            else summed.numerator
        end as numerator,
        case when is_known and kind in ('share', 'rate') then coalesce(summed.denominator, 0) end as denominator
    from status
    join kpi using (reads)
    left join summed using (kpi_id, area_code, period)
)
select
    kpi_id, period, '110001' as prefecture_code, area_level, area_code, numerator, denominator,
    if(kind in ('share', 'rate'), numerator / nullif(denominator, 0) * per, numerator)::double as value,
    completeness, submitted_areas, expected_areas,
    case
        when numerator is not null then null
        when completeness = 'not_applicable' or is_known or kind = 'elapsed' and area_level <> 'municipality' then '-'
        else '…'
    end as mark
from cell;
