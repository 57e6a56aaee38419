-- Grain: one thing that does not add up: municipality × fiscal year × component × stage × finding × amount.
{%- set amounts = ['national', 'prefectural'] %}
with component as (
    select
        *,
        national_share + prefectural_share as total_share
    from {{ ref('grant_component') }}
),

-- What the rate of the year gives, floored to 1,000 yen component by component.
at_rate as (
    select
        component.municipality_code,
        component.fiscal_year,
        component.component,
        component.stage,
        component.national_share,
        component.prefectural_share,
        component.selected * rate.national_numerator // (rate.national_denominator * 1000) * 1000 as national_expected,
        component.selected * rate.prefectural_numerator
        // (rate.prefectural_denominator * 1000) * 1000 as prefectural_of_rate,
        rate.prefectural_numerator * rate.national_denominator as ratio_numerator,
        rate.prefectural_denominator * rate.national_numerator as ratio_denominator,
        rate.verified
    from component
    inner join {{ ref('stg_grant_rate') }} as rate
        on
            component.component = rate.component
            and component.fiscal_year between rate.valid_from_fy and coalesce(rate.valid_to_fy, component.fiscal_year)
    -- An advance pays a part and a settlement the difference; before the decision a share is only wished for.
    where component.stage in ('decision', 'change', 'report', 'final')
),

expected as (
    select
        at_rate.*,
        -- An open question of the scheme: 県費 of the rate, or of the floored 国費 by the ratio of the two rates.
        case build.prefectural_share_rule
            when 'half_of_national'
                then at_rate.national_expected * at_rate.ratio_numerator // at_rate.ratio_denominator
            else at_rate.prefectural_of_rate
        end as prefectural_expected
    from at_rate
    cross join {{ ref('stg_build') }} as build
),

decided as (
    select * from component
    where stage in ('decision', 'change')
    qualify row_number() over (
        partition by municipality_code, fiscal_year, component
        order by dated_on desc, stage = 'change' desc
    ) = 1
),

both_files as (
    select distinct
        grant_file.municipality_code,
        {{ fiscal_year('grant_file.form_period') }} as fiscal_year
    from {{ ref('fct_form_status') }} as grant_file
    inner join {{ ref('fct_form_status') }} as payment_file
        on grant_file.municipality_code = payment_file.municipality_code and grant_file.period = payment_file.period
    where
        grant_file.form = 'grant'
        and grant_file.is_accepted
        and payment_file.form = 'grant_payment'
        and payment_file.is_accepted
),

advanced as (
    select
        municipality_code,
        fiscal_year,
        sum(prefectural_share) as amount_yen
    from component
    where stage = 'advance'
    group by municipality_code, fiscal_year
),

paid as (
    select
        municipality_code,
        fiscal_year,
        sum(amount_yen) as amount_yen
    from {{ ref('fct_grant_payment') }}
    where source = 'prefectural'
    group by municipality_code, fiscal_year
),

judged as (
    -- The lump of 県費 against the parts it is paid for, where both files of the year are there.
    select
        both_files.municipality_code,
        both_files.fiscal_year,
        null as component,
        'advance' as stage,
        'lump_gap' as finding,
        'prefectural' as amount,
        coalesce(advanced.amount_yen, 0) as expected_yen,
        coalesce(paid.amount_yen, 0) as found_yen,
        'own' as verified
    from both_files
    left join advanced
        on both_files.municipality_code = advanced.municipality_code and both_files.fiscal_year = advanced.fiscal_year
    left join paid
        on both_files.municipality_code = paid.municipality_code and both_files.fiscal_year = paid.fiscal_year
    where coalesce(advanced.amount_yen, 0) <> coalesce(paid.amount_yen, 0)
    {%- for amount in amounts %}
    union all
    select
        municipality_code,
        fiscal_year,
        component,
        stage,
        'share_off_rate' as finding,
        '{{ amount }}' as amount,
        {{ amount }}_expected as expected_yen,
        {{ amount }}_share as found_yen,
        verified
    from expected
    where {{ amount }}_share <> {{ amount }}_expected
    {%- endfor %}
    {%- for amount in ['total'] + amounts %}
    union all
    select
        actual.municipality_code,
        actual.fiscal_year,
        actual.component,
        actual.stage,
        'final_over_decision' as finding,
        '{{ amount }}' as amount,
        decided.{{ amount }}_share as expected_yen,
        actual.{{ amount }}_share as found_yen,
        'own' as verified
    from component as actual
    inner join decided
        on
            actual.municipality_code = decided.municipality_code
            and actual.fiscal_year = decided.fiscal_year
            and actual.component = decided.component
    where actual.stage in ('report', 'final') and actual.{{ amount }}_share > decided.{{ amount }}_share
    {%- endfor %}
)

select
    municipality_code,
    fiscal_year,
    cast(component as varchar) as component,
    stage,
    finding,
    amount,
    cast(expected_yen as bigint) as expected_yen,
    cast(found_yen as bigint) as found_yen,
    cast(found_yen - expected_yen as bigint) as difference_yen,
    verified
from judged
