-- Grain: one KPI × month of the grid × area: how complete what the KPI reads is, and whether its figure is known.
{%- set columns = {'kpi_id': 'varchar', 'form': 'varchar', 'basis': 'varchar'} %}
{%- set rows = [] %}
{%- if execute %}
    {%- for kpi_id in kpi_ids() %}
        {%- set told = kpi_meta(kpi_id) %}
        {%- for form in told.forms %}
            {%- do rows.append({'kpi_id': kpi_id, 'form': form, 'basis': told.basis or 'forms'}) %}
        {%- endfor %}
    {%- endfor %}
{%- endif %}
with kpi_form as (
    {{ literal_rows(columns, rows) }}
),

joined as (
    select
        kpi_form.kpi_id,
        kpi_form.basis,
        form_status.period,
        form_status.municipality_code,
        bool_and(form_status.is_accepted) as all_accepted,
        bool_or(form_status.is_accepted) as any_accepted,
        bool_and(form_status.is_expected) as all_expected,
        bool_or(form_status.is_expected) as any_expected,
        bool_and(form_status.is_accepted or not form_status.is_expected) as expected_accepted,
        -- Of several forms, the worst. Who does not owe one of them can never have the figure.
        max_by(
            form_status.completeness,
            case form_status.completeness
                when 'complete' then 1 when 'partial' then 2 when 'missing' then 3 else 4
            end
        ) as worst
    from kpi_form
    inner join {{ ref('fct_form_status') }} as form_status on kpi_form.form = form_status.form
    group by kpi_form.kpi_id, kpi_form.basis, form_status.period, form_status.municipality_code
),

-- What a KPI reads decides when it is known (basis):
-- forms, all its forms are accepted; any_form, one of them is; setup, always; register, where a form is expected.
municipality as (
    select
        kpi_id,
        period,
        municipality_code,
        case basis when 'any_form' then any_accepted when 'register' then any_expected else all_accepted end
            as is_accepted,
        case when basis in ('any_form', 'register') then any_expected else all_expected end as is_expected,
        case
            when basis = 'register' then if(any_expected, 'complete', 'not_applicable')
            when basis = 'any_form' and any_accepted then if(expected_accepted, 'complete', 'partial')
            when basis = 'any_form' then if(any_expected, 'missing', 'not_applicable')
            else worst
        end as completeness,
        is_accepted or basis = 'setup' as is_known
    from joined
),

area as (
    select
        municipality.kpi_id,
        municipality.period,
        area.area_level,
        area.area_code,
        count(*) filter (where municipality.is_accepted) as submitted_areas,
        count(*) filter (where municipality.is_expected) as expected_areas,
        count(*) filter (where municipality.is_expected and municipality.is_accepted) as expected_and_submitted,
        count(*) filter (
            where municipality.is_expected and municipality.completeness = 'complete'
        ) as expected_and_complete,
        bool_or(municipality.is_known) as is_known,
        any_value(municipality.completeness) as own_completeness
    from municipality
    inner join {{ ref('int_area_municipality') }} as area
        on municipality.municipality_code = area.municipality_code
    group by municipality.kpi_id, municipality.period, area.area_level, area.area_code
)

select
    kpi_id,
    period,
    area_level,
    area_code,
    case
        when area_level = 'municipality' then own_completeness
        when expected_areas = 0 and submitted_areas = 0 then 'not_applicable'
        when expected_areas > 0 and expected_and_submitted = 0 then 'missing'
        when expected_areas = expected_and_complete then 'complete'
        else 'partial'
    end as completeness,
    cast(submitted_areas as integer) as submitted_areas,
    cast(expected_areas as integer) as expected_areas,
    is_known
from area
