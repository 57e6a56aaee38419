-- Grain: one published figure × area × date × status.
select
    figure,
    area,
    as_of,
    value,
    unit,
    status,
    source,
    verified
from {{ ref('stg_published_figure') }}
