"""Five questions to ask on a visit, derived by written rules, each with the figure behind it.

A rule is a pure function of the facts: it asks, or has nothing to ask. The order of RULES is the order of asking; the last
five always have something to ask, so there are always five. Not here: where facts come from (briefing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dashboards.labels import thousands
from dashboards.reports.context import Frozen, Question

ASKED = 5
UNSPENT_PART = 10  # more than one part in ten; whole yen, no fractions
LOW_PLANNED = 0.5
MANY_ERRORS = 0.05
LONG_AGO = 12  # months
STALLED = 3  # cases
ENOUGH_MEETINGS = 3
ENOUGH_COMPLEX = 10  # consultations; of fewer a share says little

Asking = tuple[str, str]  # the question, the figure behind it


class Facts(Frozen):
    """What the rules may know of a municipality; None where it is hidden, missing or does not apply."""

    month_ja: str
    year_ja: str
    share_65plus: float
    share_single_65plus: float
    peers: int
    peers_with_window: int
    setup_reported_ja: str | None = None
    has_window: bool | None = None
    missing_forms: tuple[str, ...] = ()
    asked_topics: str | None = None
    asked_on_ja: str | None = None
    actions_overdue: int = 0
    actions_open: int = 0
    stalled_stage: str | None = None
    stalled_cases: int | None = None
    lost_cases: int | None = None
    meetings: int | None = None
    never_present: tuple[str, ...] = ()
    referring: int | None = None
    never_referring: tuple[str, ...] = ()
    referral_share: float | None = None
    referral_base: int | None = None
    prefecture_referral_share: float | None = None
    top_gap_reason: str | None = None
    top_gap_cases: int | None = None
    decided_yen: int | None = None
    unspent_yen: int | None = None
    plan_share: float | None = None
    months_since_support: int | None = None
    ever_supported: bool = False
    trainings: int = 0
    goals_missed: int = 0
    goals_due: int = 0
    row_error_rate: float | None = None
    balance_gap: int | None = None


Rule = Callable[[Facts], Asking | None]


def questions(facts: Facts) -> tuple[Question, ...]:
    """The first five that have something to ask."""
    asked = ((name, rule(facts)) for name, rule in RULES.items())
    found = [Question(rule=name, text=asking[0], figure=asking[1]) for name, asking in asked if asking]
    return tuple(found[:ASKED])


def _asked_for(facts: Facts) -> Asking | None:
    if facts.asked_topics is None:
        return None
    text = f"助言の希望は「{facts.asked_topics}」です。この訪問で何が決まれば十分ですか。"
    return text, f"派遣の申請: {facts.asked_on_ja}、{facts.asked_topics}"


def _overdue_actions(facts: Facts) -> Asking | None:
    if not facts.actions_overdue:
        return None
    text = "期限を過ぎた助言への対応が残っています。何が妨げになっていますか。県が動けることはありますか。"
    return text, f"助言への対応: 期限超過 {facts.actions_overdue}件(未完了 {facts.actions_open}件)"


def _no_report(facts: Facts) -> Asking | None:
    if facts.setup_reported_ja is not None:
        return None
    text = "体制整備状況の届出が一度もありません。いまの相談の受け方を、はじめから聞かせてください。"
    return text, "体制整備状況の届出: 0件"


def _no_window(facts: Facts) -> Asking | None:
    if facts.has_window is not False or facts.setup_reported_ja is None:
        return None
    text = "総合相談窓口も調整チームもまだありません。設けるとすれば、どこから始められますか。"
    return (
        text,
        f"窓口・チーム: なし({facts.setup_reported_ja}の届出)。似た{facts.peers}市町村のうち「あり」{facts.peers_with_window}",
    )


def _missing(facts: Facts) -> Asking | None:
    if not facts.missing_forms:
        return None
    text = f"届いていない様式があります({'、'.join(facts.missing_forms[:3])})。作るのに、どこで手間がかかりますか。"
    return text, f"{facts.month_ja}の未提出: {len(facts.missing_forms)}件"


def _stalled(facts: Facts) -> Asking | None:
    if facts.stalled_stage is None or (facts.stalled_cases or 0) < STALLED:
        return None
    text = f"「{facts.stalled_stage}」まで進んで止まっているケースがあります。次の段階へ進めないのはなぜですか。"
    return text, f"{facts.year_ja}に「{facts.stalled_stage}」で継続中: {facts.stalled_cases}件"


def _lost(facts: Facts) -> Asking | None:
    if not facts.lost_cases:
        return None
    text = "終結の記録がないまま台帳から消えたケースがあります。その後どうなったか、たどれますか。"
    return text, f"{facts.year_ja}に台帳から消えたケース: {facts.lost_cases}件"


def _no_meeting(facts: Facts) -> Asking | None:
    if facts.meetings != 0:
        return None
    text = "重層的支援会議がまだ開かれていません。いま、プランはどこで話し合っていますか。"
    return text, f"{facts.year_ja}の重層的支援会議: 0回"


def _never_present(facts: Facts) -> Asking | None:
    if not facts.never_present or (facts.meetings or 0) < ENOUGH_MEETINGS:
        return None
    text = f"重層的支援会議に「{'」「'.join(facts.never_present[:3])}」が一度も来ていません。声はかけていますか。"
    return text, f"{facts.year_ja}の会議 {facts.meetings}回のうち参加 0回の分野: {len(facts.never_present)}"


def _few_refer(facts: Facts) -> Asking | None:
    if facts.referring is None or not facts.never_referring or facts.referring >= len(facts.never_referring):
        return None
    text = f"つないでくるのは一部の機関です。たとえば「{facts.never_referring[0]}」とは、どんな関係ですか。"
    return (
        text,
        f"{facts.year_ja}につないだと分かる機関の種類 {facts.referring}、一度もない種類 {len(facts.never_referring)}",
    )


def _low_referral(facts: Facts) -> Asking | None:
    here, prefecture = facts.referral_share, facts.prefecture_referral_share
    if here is None or not prefecture or here >= prefecture / 2 or (facts.referral_base or 0) < ENOUGH_COMPLEX:
        return None
    text = "複合課題の相談が多機関協働へあまりつながっていません。窓口では、どこで判断していますか。"
    return text, f"複合課題の相談 {facts.referral_base}件のうち多機関協働へのつなぎ率 {here:.1%}(県 {prefecture:.1%})"


def _late_plans(facts: Facts) -> Asking | None:
    if facts.plan_share is None or facts.plan_share >= LOW_PLANNED:
        return None
    text = (
        "受理から3か月以内にプランのできたケースが半分に届きません。アセスメントとプランのどちらに時間がかかりますか。"
    )
    return text, f"3か月以内のプラン作成率 {facts.plan_share:.1%}"


def _gap(facts: Facts) -> Asking | None:
    if facts.top_gap_reason is None or not facts.top_gap_cases:
        return None
    text = f"狭間ニーズの理由は「{facts.top_gap_reason}」が最多です。受け皿になりうる人や場に、心当たりはありますか。"
    return text, f"{facts.year_ja}の狭間ニーズ「{facts.top_gap_reason}」: {facts.top_gap_cases}件"


def _unspent(facts: Facts) -> Asking | None:
    if not facts.decided_yen or facts.unspent_yen is None:
        return None
    if facts.unspent_yen * UNSPENT_PART <= facts.decided_yen:
        return None
    text = "交付決定の一割を超える額が使われていません。見込みと違ったのは何ですか。"
    return (
        text,
        f"{facts.year_ja}の交付決定 {thousands(facts.decided_yen)}円のうち未執行 {thousands(facts.unspent_yen)}円",
    )


def _goals(facts: Facts) -> Asking | None:
    if not facts.goals_missed:
        return None
    text = "期限の来た目標に、届いていないものがあります。目標と取組のどちらを見直しますか。"
    return text, f"期限の来た目標 {facts.goals_due}のうち未達 {facts.goals_missed}"


def _data_quality(facts: Facts) -> Asking | None:
    if facts.balance_gap:
        text = "月次集計表と台帳の数が合っていません。集計表は、どの帳簿から作っていますか。"
        return text, f"{facts.month_ja}の集計表との不一致: {facts.balance_gap}件"
    if facts.row_error_rate is not None and facts.row_error_rate > MANY_ERRORS:
        text = "提出の行に誤りが多く、数えられない行があります。入力で迷うのはどの項目ですか。"
        return text, f"{facts.month_ja}のエラー行率 {facts.row_error_rate:.1%}"
    return None


def _long_ago(facts: Facts) -> Asking | None:
    if facts.ever_supported and (facts.months_since_support or 0) < LONG_AGO:
        return None
    if not facts.ever_supported:
        return "県の派遣や研修をまだ使っていません。どんな形なら使いやすいですか。", "記録のある派遣・研修: 0回"
    text = "前の支援から1年以上たちました。そのとき決めたことで、続いているものは何ですか。"
    return text, f"最後の支援から {facts.months_since_support}か月"


def _peers(facts: Facts) -> Asking:
    text = "似た市町村の取組で、話を聞いてみたいことは何ですか。"
    return text, f"似た{facts.peers}市町村のうち、窓口か調整チームのある市町村 {facts.peers_with_window}"


def _training(facts: Facts) -> Asking:
    if facts.trainings:
        return (
            "研修で得たことのうち、庁内で広がったものは何ですか。",
            f"{facts.year_ja}に参加した研修会: {facts.trainings}回",
        )
    return "研修会に参加していません。日程、形態、内容のどれが合いませんか。", f"{facts.year_ja}に参加した研修会: 0回"


def _ageing(facts: Facts) -> Asking:
    text = "高齢の窓口に来た相談から、家族の別の困りごとに気づいたとき、だれに渡していますか。"
    return text, f"65歳以上の割合 {facts.share_65plus:.1%}"


def _alone(facts: Facts) -> Asking:
    text = "ひとり暮らしで、どの窓口にも来ない人に、だれが気づいていますか。"
    return text, f"一般世帯のうち65歳以上の単独世帯 {facts.share_single_65plus:.1%}"


def _next_step(facts: Facts) -> Asking:
    text = "この先3か月で一つだけ変えるとしたら、何を変えますか。県は何を用意すればよいですか。"
    return text, f"助言への対応で未完了のもの {facts.actions_open}件"


RULES: Mapping[str, Rule] = {
    "asked_for": _asked_for,
    "overdue_actions": _overdue_actions,
    "no_report": _no_report,
    "no_window": _no_window,
    "missing": _missing,
    "stalled": _stalled,
    "lost": _lost,
    "no_meeting": _no_meeting,
    "never_present": _never_present,
    "few_refer": _few_refer,
    "low_referral": _low_referral,
    "late_plans": _late_plans,
    "gap": _gap,
    "unspent": _unspent,
    "goals": _goals,
    "data_quality": _data_quality,
    "long_ago": _long_ago,
    "peers": _peers,
    "training": _training,
    "ageing": _ageing,
    "alone": _alone,
    "next_step": _next_step,
}
