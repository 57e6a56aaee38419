"""What seldom happens, put by construction into one municipality of every world: the edges of the rules, tried each time.

Months are counted from the world's first. What is drawn at random belongs to the modules that draw it, what the prefecture
does for that municipality to `edges_of_backing`; files that are sent otherwise than they were written belong to `mishaps`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.simulate.activities import Match
from pipelines.simulate.case import Case
from pipelines.simulate.flow import Town
from pipelines.simulate.model import Month, WorldSpec, first_day
from pipelines.simulate.people import Person
from pipelines.simulate.rows import Goal, MatchRow, Outreach, PlaceRow, Row

WITHOUT_LEDGER = 5
"""The month whose ledger of cases is never sent."""
WITHOUT_OUTREACH = 3
"""The month whose outreach is never sent."""
_SOMEBODY = Person("40-49", "2", ("09",), is_complex=True, gap_reason=None)
_INDICATORS = ("window", "consultations", "plans", "meetings", "outreach", "participation", "places", "closures")
_OUT_OF_REACH = 1_000_000.0


def edge_town(towns: Sequence[Town], spec: WorldSpec) -> Town:
    """The first municipality that implements from the first month on."""
    return next(town for town in towns if town.place.status(spec.first_month) == "implementing")


class Edges:
    """The edges of one municipality that has run: its cases are added at once, rows of other forms when asked for."""

    def __init__(self, town: Town, spec: WorldSpec) -> None:
        self.code = town.place.municipality.code
        self._town = town
        self._spec = spec
        self._cases = list(self._draw_cases())
        self._matches = list(self._draw_matches())
        town.cases += self._cases

    def add(self, form: str, rows: dict[Month, list[Row]]) -> None:
        """Add to the rows of its forms by month what the edges need there."""
        more = {"outreach": self._outreach, "participation": self._match_rows, "place": self._place_rows}
        for month, row in more[form]() if form in more else ():
            if month in rows:
                rows[month].append(row)

    # --- cases ---

    def _case(self, accepted: Month, service: str = "multi_agency", **later: Any) -> Case:
        """A case accepted in a month; later months are counted from the world's first too."""
        months: dict[str, Any] = {
            name: self._spec.first + value if isinstance(value, int) else value for name, value in later.items()
        }
        if "closed" in months:
            months.setdefault("closure_type", "C3")
        at = self._spec.first + accepted
        return Case(
            case_no=self._town.numbers.case(at),
            consultation_no=None,
            service=service,
            accepted=at,
            referred_from="18",
            person=_SOMEBODY,
            reopened_from=months.pop("reopened_from", None),
            **months,
        )

    def _draw_cases(self) -> Iterator[Case]:
        first = self._spec.first
        # returned and taken again
        yield (returned := self._case(1, returned=3))
        yield self._case(4, reopened_from=returned.case_no)
        # supported again and again, once named by two, in the last month that counts and in the first that does not
        yield (once := self._case(0, closed=2))
        yield (twice := self._case(3, closed=4, reopened_from=once.case_no))
        yield self._case(5, reopened_from=twice.case_no)
        yield self._case(8, reopened_from=once.case_no)
        yield (long_ago := self._case(0, closed=2))
        yield self._case(9, reopened_from=long_ago.case_no)
        # open again under its old number; gone without an end; closed where the ledger is missing, noted later or never
        yield self._case(0, closed=2, open_again_from=4)
        yield self._case(1, forgotten_from=4)
        yield self._case(1, closed=WITHOUT_LEDGER, listed_until=WITHOUT_LEDGER + 1)
        yield self._case(1, closed=WITHOUT_LEDGER)
        # ended in the month of its acceptance
        yield self._case(6, closed=6)
        # consent: refused, withdrawn after the conference, granted after it
        for consents in ([(1, "refused")], [(1, "granted"), (4, "withdrawn")], [(3, "granted")]):
            since = [(first + month, status) for month, status in consents]
            yield self._case(1, planned=2, assessed=1, conferenced=2, consents=since, closed=7)
        # outreach that met the person before the acceptance, and one where only the missing file knows of it
        yield self._case(6, service="outreach")
        yield self._case(2, service="outreach", closed=4)

    def _outreach(self) -> Iterator[tuple[Month, Outreach]]:
        early, unheard = self._cases[-2:]
        for month in (1, 2, 4):
            yield self._spec.first + month, Outreach(early.case_no, 1, 0, 0, 0, 0, met_person=True)
        yield self._spec.first + WITHOUT_OUTREACH, Outreach(unheard.case_no, 1, 0, 0, 0, 0, met_person=True)

    # --- matches and places ---

    def _draw_matches(self) -> Iterator[Match]:
        """Withdrawn in the last month that counts and in the first that does not, ended well, never found."""
        for matched, ended, is_kept in ((0, 6, False), (0, 7, False), (0, 3, True), (None, None, False)):
            begun = self._spec.first
            yield Match(
                match_no=self._town.numbers.match(begun),
                case_no=self._cases[0].case_no,
                resource_type="work",
                resource_origin="new",
                begun=begun,
                matched=None if matched is None else begun + matched,
                ended=None if ended is None else begun + ended,
                is_kept=is_kept,
                followups=(),
            )

    def _match_rows(self) -> Iterator[tuple[Month, MatchRow]]:
        for match in self._matches:
            for month in self._spec.all_months:
                if match.is_listed(month):
                    yield month, match.row(month)

    def _place_rows(self) -> Iterator[tuple[Month, PlaceRow]]:
        """A place that closes, with visitors in its last month."""
        first, closed = self._spec.first, self._spec.first + 4
        number = self._town.numbers.place(first)
        for month in range(first, closed + 1):
            yield (
                month,
                PlaceRow(
                    place_no=number,
                    base_scheme="own",
                    opened_ym=first_day(first - 12),
                    closed_ym=first_day(closed) if month == closed else None,
                    is_open_to_all=True,
                    open_days=4,
                    visitors=40,
                ),
            )

    def goals(self) -> list[Goal]:
        """Goals of the first fiscal year due in it: for every indicator one that is soon reached and one that never is."""
        due = first_day(self._spec.first + 8)
        number = self._town.numbers.goal
        return [
            Goal(number(self._spec.first), indicator, target, due, due)
            for indicator in _INDICATORS
            for target in (1.0, _OUT_OF_REACH)
        ]
