-- Grain: one municipality × month × member of each breakdown (see kpi_rows).
with visit as (
    select
        municipality_code,
        {{ months_after('visited_on', 0) }} as period,
        dispatch_mode,
        advice_topics
    from {{ ref('fct_dispatch') }}
    where dispatch_status = 'done'
)

{{ kpi_rows('visit', dimensions=['dispatch_mode', 'advice_topic'], lists={'advice_topic': 'advice_topics'}) }}
