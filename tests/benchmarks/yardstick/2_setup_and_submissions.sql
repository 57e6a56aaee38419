-- The system of the municipality as last said, and the submissions themselves.

insert into figure
select
    unnest(['window_rate', 'programme_rate', 'transition_rate', 'status_known_rate']), town, period,
    unnest([
        has_window, status = 'implementing', status = 'transition_prep', as_of >= fiscal_year
    ])::integer, 1
from setup;

insert into figure
select
    unnest(['submission_rate', 'submission_on_time_rate', 'row_error_rate']), town, period,
    unnest([
        count(*) filter (where owed and came), count(*) filter (where owed and came and on_time), sum(rows_rejected)
    ]),
    unnest([count(*) filter (where owed), count(*) filter (where owed), sum(rows_total)])
from form_status where is_monthly group by town, period;
