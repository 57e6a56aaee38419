"""What the prefecture gave: dispatches, agreed actions, training. No persons, never suppressed."""

from __future__ import annotations

import pandas as pd

from dashboards.data.door import Edition, ask


def support_given(edition: Edition) -> pd.DataFrame:
    """1 row = one dispatch, action or attendance at a training, oldest first: kind, municipality_code,
    municipality_label_ja, happened_on, requested_on, due_on, done_on, adviser_kind, adviser_label_ja, dispatch_mode,
    mode_label_ja, topics (list of codes), training_theme, theme_label_ja, status, attendees, sections, non_welfare_present."""
    return ask(
        edition,
        """
        select s.kind, s.municipality_code, m.name as municipality_label_ja, s.happened_on, s.requested_on, s.due_on,
            s.done_on, s.adviser_kind, a.label_ja as adviser_label_ja, s.dispatch_mode, d.label_ja as mode_label_ja,
            s.topics, s.training_theme, t.label_ja as theme_label_ja, s.status, s.attendees, s.sections,
            s.non_welfare_present
        from support_given as s
        join dim_municipality as m using (municipality_code)
        left join code_label as a on a.code_list = 'adviser_kind' and a.code = s.adviser_kind
        left join code_label as d on d.code_list = 'dispatch_mode' and d.code = s.dispatch_mode
        left join code_label as t on t.code_list = 'training_theme' and t.code = s.training_theme
        order by coalesce(s.happened_on, s.due_on, s.requested_on), s.municipality_code, s.kind
        """,
    )
