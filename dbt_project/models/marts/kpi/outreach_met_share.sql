-- Grain: one municipality × month (see kpi_rows).
with accepted as (
    select
        history.municipality_code,
        {{ each_month_after('history.accepted_ym', 6, 17) }} as period,
        first_contact.first_met_ym <= {{ months_after('history.accepted_ym', 6) }} as is_met
    from {{ ref('fct_case') }} as history
    left join {{ ref('int_outreach_first_contact') }} as first_contact
        on
            history.municipality_code = first_contact.municipality_code
            and history.case_no = first_contact.case_no
    where history.service = 'outreach'
)

{{ kpi_rows(
    'accepted',
    numerator='count(*) filter (where is_met)',
    denominator='count(*)'
) }}
