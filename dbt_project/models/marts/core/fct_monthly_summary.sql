-- Grain: one municipality × month: the totals it declares.
select
    municipality_code,
    period,
    declared_consultations,
    declared_new_cases,
    declared_active_cases,
    declared_closures,
    declared_jusou_meetings,
    declared_support_meetings
from {{ ref('stg_monthly_summary') }}
