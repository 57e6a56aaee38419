-- Grain: one item of a municipality's self-check of a fiscal year.
select
    municipality_code,
    fiscal_year,
    function_area,
    item_no,
    self_rating,
    has_evidence
from {{ ref('fct_function_check') }}
