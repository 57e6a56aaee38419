-- Grain: one dispatch, agreed action or attendance at a training session.
with support as (
    select
        'dispatch' as kind,
        municipality_code,
        dispatch_no as support_key,
        visited_on as happened_on,
        requested_on,
        null as due_on,
        null as done_on,
        adviser_kind,
        dispatch_mode,
        advice_topics as topics,
        null as training_theme,
        dispatch_status as status,
        attendees,
        sections,
        non_welfare_present
    from {{ ref('fct_dispatch') }}
    union all
    select
        'action' as kind,
        municipality_code,
        action_no as support_key,
        done_on as happened_on,
        null as requested_on,
        due_on,
        done_on,
        null as adviser_kind,
        null as dispatch_mode,
        [advice_topic] as topics,
        null as training_theme,
        action_status as status,
        null as attendees,
        null as sections,
        null as non_welfare_present
    from {{ ref('fct_dispatch_action') }}
    union all
    select
        'training' as kind,
        municipality_code,
        training_no as support_key,
        held_on as happened_on,
        null as requested_on,
        null as due_on,
        null as done_on,
        null as adviser_kind,
        dispatch_mode,
        [] as topics,
        training_theme,
        null as status,
        attendees,
        null as sections,
        null as non_welfare_present
    from {{ ref('fct_training') }}
)

select
    kind,
    municipality_code,
    cast(row_number() over (
        partition by kind, municipality_code
        order by coalesce(happened_on, due_on, requested_on), support_key
    ) as integer) as support_order,
    happened_on,
    requested_on,
    due_on,
    done_on,
    adviser_kind,
    dispatch_mode,
    topics,
    training_theme,
    status,
    attendees,
    sections,
    non_welfare_present
from support
