-- Grain: one municipality × month of the grid with an accepted case ledger.
with ledger as (
    select
        municipality_code,
        period,
        coalesce(lag(period) over ledgers = {{ months_after('period', -1) }}, false) as follows_ledger
    from {{ ref('fct_form_status') }}
    where form = 'case' and is_accepted
    window ledgers as (partition by municipality_code order by period)
),

-- What happened to a case, by the stock (entered, left) and by its history (accepted, ended).
happening as (
    select
        municipality_code,
        case_no,
        period,
        'entered' as kind
    from {{ ref('int_case_listing') }}
    where is_active and not coalesce(previous_is_active and previous_period = {{ months_after('period', -1) }}, false)
    union all
    select
        municipality_code,
        case_no,
        {{ months_after('period', 1) }} as period,
        'left' as kind
    from {{ ref('int_case_listing') }}
    where is_active and not coalesce(next_is_active and next_period = {{ months_after('period', 1) }}, false)
    union all
    select
        municipality_code,
        case_no,
        accepted_ym as period,
        'accepted' as kind
    from {{ ref('fct_case') }}
    union all
    select
        municipality_code,
        case_no,
        coalesce(closed_ym, returned_ym) as period,
        'ended' as kind
    from {{ ref('fct_case') }}
    where closed_ym is not null or returned_ym is not null
),

case_month as (
    select
        happening.municipality_code,
        happening.period,
        ledger.follows_ledger,
        count(*) filter (where happening.kind = 'entered') as entered,
        count(*) filter (where happening.kind = 'left') as left_stock,
        count(*) filter (where happening.kind = 'accepted') as accepted,
        count(*) filter (where happening.kind = 'ended') as ended,
        case
            when ledger.follows_ledger then entered - left_stock - accepted + ended
            -- Without the ledger before, who entered or left cannot be seen. Who was accepted and is nowhere can.
            when accepted = 1 and entered = 0 and ended = 0 then -1
            else 0
        end as adjustment
    from happening
    inner join ledger
        on happening.municipality_code = ledger.municipality_code and happening.period = ledger.period
    group by happening.municipality_code, happening.case_no, happening.period, ledger.follows_ledger
)

select
    ledger.municipality_code,
    ledger.period,
    ledger.follows_ledger,
    case when ledger.follows_ledger then cast(coalesce(sum(case_month.entered), 0) as bigint) end as entered,
    case when ledger.follows_ledger then cast(coalesce(sum(case_month.left_stock), 0) as bigint) end as left_stock,
    cast(coalesce(sum(case_month.accepted), 0) as bigint) as accepted,
    cast(coalesce(sum(case_month.ended), 0) as bigint) as ended,
    cast(coalesce(sum(case_month.adjustment), 0) as bigint) as adjustment,
    count(*) filter (where case_month.adjustment <> 0) as adjusted_cases
from ledger
left join case_month
    on ledger.municipality_code = case_month.municipality_code and ledger.period = case_month.period
group by ledger.municipality_code, ledger.period, ledger.follows_ledger
