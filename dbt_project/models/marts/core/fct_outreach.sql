-- Grain: one outreach case of a municipality with some activity in the month.
select
    municipality_code,
    period,
    case_no,
    visits,
    letters,
    calls_messages,
    accompaniments,
    agency_contacts,
    met_person
from {{ ref('stg_outreach') }}
