"""What happens in one municipality: a small discrete-event model of the flow of support.

相談 → 受理 → 同意 → アセスメント → プラン → 会議 → 支援 → 終結・戻し → 再支援.
Events wait in a queue ordered by time (months, with fractions) and each puts those it leads to into the queue. Plans
wait for the next conference, so meetings and cases fit together. What is sent of it (`sending`) does not belong here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from random import Random

from pipelines.simulate.case import Case
from pipelines.simulate.meetings import draw_meeting
from pipelines.simulate.model import Month, WorldSpec, first_day
from pipelines.simulate.numbers import Numbering
from pipelines.simulate.people import Person, Weighted, draw_person
from pipelines.simulate.places import Place
from pipelines.simulate.rows import CaseRow, Consultation, Meeting

# April, when people move and start anew, is busy; August (お盆) and December are quiet.
_SEASON = {1: 0.94, 2: 0.98, 3: 1.06, 4: 1.14, 5: 1.01, 6: 1.05, 7: 1.0, 8: 0.9, 9: 1.0, 10: 1.05, 11: 1.0, 12: 0.87}
_GROWTH_PER_MONTH = 1.0025
_WITHOUT_WINDOW = 0.45
_WARM_UP_MONTHS = 18  # so that the first ledger, where there is one, has a past
_TAKEN_AS_CASE = {"multi_agency": 0.042, "outreach": 0.014, "participation": 0.012}
_PREPARING_TAKES = 0.4

_ROUTE = Weighted({"1": 24, "2": 21, "3": 12, "4": 9, "5": 27, "6": 4, "7": 3})
_FIELD = Weighted({"elderly": 27, "disability": 17, "child": 14, "hardship": 24, "one_stop": 13, "other": 5})
_FIELD_WITHOUT_WINDOW = Weighted({"elderly": 31, "disability": 20, "child": 16, "hardship": 27, "other": 6})
_SCREENING = Weighted({"1": 40, "2": 31, "5": 24, "6": 5})
_AGENCY = Weighted(
    {"01": 16, "02": 5, "03": 6, "04": 6, "05": 2, "06": 3, "07": 7, "08": 2, "09": 1, "10": 14, "11": 9, "12": 5}
    | {"13": 2, "14": 1, "15": 2, "16": 5, "17": 5, "18": 9, "19": 7, "20": 2, "21": 2, "22": 2, "23": 3, "24": 3}
    | {"25": 2, "26": 3, "27": 3, "28": 1, "99": 1}
)
_CLOSURE = Weighted({"C1": 34, "C2": 12, "C3": 16, "C4": 5, "C5": 4, "C6": 12, "C7": 6, "C8": 8, "C9": 3})
_NEVER_AGAIN = {"C4", "C5"}
_CHANGES = Weighted(
    {"01": 20, "02": 14, "03": 14, "04": 10, "05": 8, "06": 9, "07": 10, "08": 9, "09": 8, "10": 4, "11": 12}
    | {"12": 4, "13": 5, "14": 4, "15": 3, "16": 12, "99": 2}
)
_RESPONSE = Weighted({"existing": 5, "extended": 4, "new": 2})

Action = Callable[[float], None]


class Town:
    """One municipality over the world's months (and some before). After `run`, its attributes say what happened."""

    def __init__(self, place: Place, spec: WorldSpec, rng: Random) -> None:
        self.place = place
        self.consultations: dict[Month, list[Consultation]] = defaultdict(list)
        self.meetings: dict[Month, list[Meeting]] = defaultdict(list)
        self.cases: list[Case] = []
        self._spec = spec
        self._rng = rng
        self.numbers = Numbering(rng)
        self._queue: list[tuple[float, int, Action]] = []
        self._order = count()
        self._plans_waiting: list[Case] = []
        self._closures_waiting = 0
        self._pace = rng.lognormvariate(0, 0.15)  # some places are quicker than others

    def run(self) -> Town:
        """Play everything up to the end of the last month."""
        has_past = self.place.in_programme(self._spec.first)
        self._at(float(self._spec.first - (_WARM_UP_MONTHS if has_past else 0)), self._month_begins)
        while self._queue and self._queue[0][0] < self._spec.last + 1:
            time, _, action = heappop(self._queue)
            action(time)
        return self

    def ledger(self, month: Month) -> list[CaseRow]:
        """The cases that the ledger of a month lists, as they stand at its end."""
        return [case.row(month) for case in self.cases if case.is_listed(month)]

    def _at(self, time: float, action: Action) -> None:
        heappush(self._queue, (time, next(self._order), action))

    def _soon(self, now: float, mean_months: float, action: Action) -> None:
        self._at(now + self._rng.expovariate(1) * mean_months * self._pace, action)

    # --- the month ---

    def _month_begins(self, now: float) -> None:
        month, place, rng = int(now), self.place, self._rng
        day = first_day(month)
        rate = place.municipality.population / 100_000 * place.consultations_per_100k * _SEASON[day.month]
        rate *= _GROWTH_PER_MONTH ** (month - self._spec.first) * (1 if place.has_window(day) else _WITHOUT_WINDOW)
        arrival = rng.expovariate(1)
        while arrival < rate:
            self._at(month + arrival / rate, self._consult)
            arrival += rng.expovariate(1)
        if place.in_programme(month) or place.sends_meetings:
            self._plan_meetings(month)
        self._at(month + 1.0, self._month_begins)

    def _plan_meetings(self, month: Month) -> None:
        rng = self._rng
        if self.place.status(first_day(month)) == "implementing" or rng.random() < 0.3:
            self._at(month + rng.uniform(0.3, 0.9), self._conference)
        size = math.sqrt(self.place.municipality.population / 100_000)
        for meeting_type, mean in (("support_106_6", 1.2), ("intra_office", 0.6), ("joint", 0.1), ("other", 0.1)):
            time = rng.expovariate(1)
            while time < mean * size:
                self._at(month + time / (mean * size), self._meeting(meeting_type))
                time += rng.expovariate(1)

    def _meeting(self, meeting_type: str) -> Action:
        def hold(now: float) -> None:
            self._record_meeting(now, meeting_type, plans=0, closures=0)

        return hold

    def _conference(self, now: float) -> None:
        """重層的支援会議: reviews the plans that wait, as many as an afternoon bears, and what was closed."""
        bears = 4 + self.place.municipality.population // 30_000
        reviewed, self._plans_waiting = self._plans_waiting[:bears], self._plans_waiting[bears:]
        for case in reviewed:
            if case.left is None:
                case.conferenced = int(now)
                if case.started is None:
                    self._soon(now, 0.4, self._step(case, self._start))
        self._record_meeting(now, "jusou", plans=len(reviewed), closures=self._closures_waiting)
        self._closures_waiting = 0

    def _record_meeting(self, now: float, meeting_type: str, *, plans: int, closures: int) -> None:
        number = self.numbers.meeting(now)
        self.meetings[int(now)].append(draw_meeting(self._rng, number, now, meeting_type, plans, closures))

    # --- the consultation ---

    def _consult(self, now: float) -> None:
        month, rng = int(now), self._rng
        person = draw_person(rng, self.place.municipality.share_65plus)
        number = self.numbers.consultation(now)
        service = self._taken_as(month, person)
        screening = _SCREENING.draw(rng)
        if service == "multi_agency":
            screening = "4"
        elif service is not None:
            screening = rng.choice("35")
        fields = _FIELD if self.place.has_window(first_day(month)) else _FIELD_WITHOUT_WINDOW
        self.consultations[month].append(
            Consultation(
                consultation_no=number,
                received_ym=first_day(month),
                referral_route=_ROUTE.draw(rng),
                window_field=fields.draw(rng),
                age_band=person.age_band,
                household_type=person.household_type,
                issue_flags=person.issue_flags,
                is_complex=person.is_complex,
                gap_need=person.gap_reason is not None,
                gap_reason=person.gap_reason,
                screening_result=screening,
                referred_to=_AGENCY.some(rng, rng.choice((1, 1, 2))) if screening == "2" else (),
            )
        )
        if service is not None:
            referred_from = _AGENCY.draw(rng)
            self._soon(now, 0.35, lambda then: self._accept(then, service, person, referred_from, number, None))

    def _taken_as(self, month: Month, person: Person) -> str | None:
        """The service that takes the consultation as a case; complex ones and gap needs more often than others."""
        if not self.place.in_programme(month):
            return None
        share = 1.0 if self.place.status(first_day(month)) == "implementing" else _PREPARING_TAKES
        share *= 1 + 1.6 * person.is_complex + (person.gap_reason is not None) - 0.35
        chance = self._rng.random() / share
        for service, taken in _TAKEN_AS_CASE.items():
            if chance < taken:
                return service
            chance -= taken
        return None

    # --- the case: each step happens only if the case has not left ---

    def _accept(
        self,
        now: float,
        service: str,
        person: Person,
        referred_from: str,
        consultation_no: str | None,
        again: str | None,
    ) -> None:
        case = Case(
            case_no=self.numbers.case(now),
            consultation_no=consultation_no,
            service=service,
            accepted=int(now),
            referred_from=referred_from,
            person=person,
            reopened_from=again,
        )
        self._perhaps_misrecorded(case)
        self.cases.append(case)
        if service == "outreach":  # may start before everything else, and before consent
            self._soon(now, 0.4, self._step(case, self._start))
        self._soon(now, 0.5 if service != "outreach" else 2.0, self._step(case, self._ask_consent))
        if person.gap_reason is not None:
            self._soon(now, 4.0, self._step(case, self._answer_gap))
        if self._rng.random() < 0.13:
            self._soon(now, 2.5, self._step(case, self._return))
        self._at(now + self._rng.lognormvariate(math.log(9.5), 0.65) * self._pace, self._step(case, self._close))

    def _perhaps_misrecorded(self, case: Case) -> None:
        """Clerks err: a month of acceptance mended in a later ledger, a case that drops out of the ledgers."""
        if self._rng.random() < 0.02:
            case.accepted_as_first_written = case.accepted - 1
            case.mended_from = case.accepted + self._rng.randint(1, 4)
        if self._rng.random() < 0.004:
            case.forgotten_from = case.accepted + self._rng.randint(2, 8)

    def _step(self, case: Case, step: Callable[[float, Case], None]) -> Action:
        def act(now: float) -> None:
            if case.left is None:
                step(now, case)

        return act

    def _ask_consent(self, now: float, case: Case) -> None:
        answer = self._rng.random()
        if answer < 0.78:
            case.consents.append((int(now), "granted"))
            if self._rng.random() < 0.02:
                self._soon(now, 5.0, self._step(case, lambda then, c: c.consents.append((int(then), "withdrawn"))))
        elif answer < 0.86:
            case.consents.append((int(now), "refused"))
        elif case.service == "outreach":
            self._soon(now, 3.0, self._step(case, self._ask_consent))
        if case.consents or self._rng.random() < 0.6:
            self._soon(now, 0.5, self._step(case, self._assess))

    def _assess(self, now: float, case: Case) -> None:
        case.assessed = case.assessed or int(now)
        self._soon(now, 0.7, self._step(case, self._plan))

    def _plan(self, now: float, case: Case) -> None:
        if case.planned is not None:
            return
        case.planned = int(now)
        # Without consent a plan is not to be put before the conference; it happens.
        consented = bool(case.consents) and case.consents[-1][1] == "granted"
        share = {"multi_agency": 0.95, "outreach": 0.35, "participation": 0.5}[case.service]
        waits = self._rng.random() < (share if consented else 0.15)
        if waits:
            self._plans_waiting.append(case)
        if not waits or case.service == "participation":
            self._soon(now, 0.6, self._step(case, self._start))
        self._soon(now, 7.0, self._step(case, self._replan))

    def _start(self, now: float, case: Case) -> None:
        case.started = case.started or int(now)

    def _replan(self, now: float, case: Case) -> None:
        case.replanned.append(int(now))
        self._soon(now, 9.0, self._step(case, self._replan))

    def _answer_gap(self, now: float, case: Case) -> None:
        case.responses.append((int(now), _RESPONSE.draw(self._rng)))

    def _return(self, now: float, case: Case) -> None:
        case.returned = int(now)
        self._perhaps_again(now, case, 0.15)

    def _close(self, now: float, case: Case) -> None:
        rng = self._rng
        case.closed = int(now)
        case.closure_type = _CLOSURE.draw(rng)
        if case.closure_type == "C1" or (case.closure_type in {"C2", "C8"} and rng.random() < 0.7):
            case.lead_agency_after = _AGENCY.draw(rng)
        case.evaluation_changes = _CHANGES.some(rng, rng.choice((0, 1, 1, 2, 3)))
        self._closures_waiting += 1
        if case.closure_type not in _NEVER_AGAIN:
            self._perhaps_again(now, case, 0.1)

    def _perhaps_again(self, now: float, case: Case, share: float) -> None:
        """再支援: under a new number, naming the old one."""
        if self._rng.random() < share:
            self._soon(
                now,
                4.0,
                lambda then: self._accept(then, case.service, case.person, case.referred_from, None, case.case_no),
            )
