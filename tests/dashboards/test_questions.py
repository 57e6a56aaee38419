"""The rules behind the adviser's questions: when each asks, when it is silent, and that there are always five."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.reports.questions import ASKED, RULES, Facts, questions

QUIET: dict[str, Any] = {
    "month_ja": "令和6年5月",
    "year_ja": "令和6年度",
    "share_65plus": 0.25,
    "share_single_65plus": 0.1,
    "peers": 6,
    "peers_with_window": 5,
    "setup_reported_ja": "令和6年4月1日",
    "has_window": True,
    "ever_supported": True,
    "months_since_support": 2,
    "trainings": 1,
}
# What makes each rule ask, the figure it must name, and a change that makes it silent again.
ASKING: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "asked_for": (
        {"asked_topics": "計画策定", "asked_on_ja": "令和6年5月2日"},
        "令和6年5月2日",
        {"asked_topics": None},
    ),
    "overdue_actions": ({"actions_overdue": 2, "actions_open": 3}, "2件", {"actions_overdue": 0}),
    "no_report": ({"setup_reported_ja": None}, "0件", {"setup_reported_ja": "令和6年4月1日"}),
    "no_window": ({"has_window": False}, "「あり」5", {"has_window": None}),
    "missing": ({"missing_forms": ("会議",)}, "1件", {"missing_forms": ()}),
    "stalled": ({"stalled_stage": "アセスメント", "stalled_cases": 7}, "7件", {"stalled_cases": 2}),
    "lost": ({"lost_cases": 4}, "4件", {"lost_cases": None}),
    "no_meeting": ({"meetings": 0}, "0回", {"meetings": None}),
    "never_present": ({"meetings": 5, "never_present": ("教育",)}, "5回", {"meetings": 2}),
    "few_refer": ({"referring": 1, "never_referring": ("医療機関", "警察")}, "2", {"referring": None}),
    "low_referral": (
        {"referral_share": 0.05, "referral_base": 20, "prefecture_referral_share": 0.2},
        "5.0%",
        {"referral_base": 9},
    ),
    "late_plans": ({"plan_share": 0.3}, "30.0%", {"plan_share": None}),
    "gap": ({"top_gap_reason": "複数制度の谷間", "top_gap_cases": 12}, "12件", {"top_gap_cases": None}),
    "unspent": ({"decided_yen": 1_000_000, "unspent_yen": 200_000}, "200,000円", {"unspent_yen": 100_000}),
    "goals": ({"goals_missed": 1, "goals_due": 3}, "未達 1", {"goals_missed": 0}),
    "data_quality": ({"balance_gap": 3}, "3件", {"balance_gap": 0}),
    "long_ago": ({"months_since_support": 14}, "14か月", {"months_since_support": 11}),
}
ALWAYS = ["peers", "training", "ageing", "alone", "next_step"]


def facts(**changes: Any) -> Facts:
    return Facts.model_validate(QUIET | changes)


def test_every_rule_is_tried_here() -> None:
    assert [*ASKING, *ALWAYS] == list(RULES)


@pytest.mark.parametrize("name", ASKING)
def test_a_rule_asks_names_its_figure_and_falls_silent(name: str) -> None:
    loud, figure, quiet = ASKING[name]
    asked = questions(facts(**loud))
    assert asked[0].rule == name and figure in asked[0].figure
    assert asked[0].text.endswith("。")
    assert name not in {question.rule for question in questions(facts(**loud | quiet))}


def test_with_nothing_to_remark_there_are_still_five() -> None:
    assert [question.rule for question in questions(facts())] == ALWAYS
    assert all(any(c.isdigit() for c in question.figure) for question in questions(facts()))


def test_the_first_five_rules_that_ask_are_asked() -> None:
    everything = {key: value for loud, _, _ in ASKING.values() for key, value in loud.items()}
    asked = [question.rule for question in questions(facts(**everything))]
    assert len(asked) == ASKED
    assert asked == [name for name in RULES if name in asked], "in the order of the rules"
    assert asked[0] == "asked_for"


def test_what_is_hidden_gives_no_question() -> None:
    """Every figure that may be hidden is None: only rules on what nobody hides remain."""
    asked = questions(facts(months_since_support=None))
    assert [question.rule for question in asked] == ALWAYS
