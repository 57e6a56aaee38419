-- Grain: one code of a code list, with the member `unknown` where a column of that list may be blank.
with code as (
    select
        code_list,
        code,
        label_ja,
        sort,
        verified
    from {{ ref('stg_code') }}
),

blankable as (
    select distinct code_list
    from {{ ref('stg_form_column') }}
    where code_list is not null and not is_required
)

select
    code_list,
    code,
    label_ja,
    sort,
    verified
from code
union all
select
    code.code_list,
    'unknown' as code,
    '{{ var("unknown_label_ja") }}' as label_ja,
    max(code.sort) + 1 as sort,
    'own' as verified
from code
inner join blankable on code.code_list = blankable.code_list
group by code.code_list
having not bool_or(code.code = 'unknown')
