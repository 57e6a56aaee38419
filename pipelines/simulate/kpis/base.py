"""What a KPI is, and the register of all of them. The KPIs themselves stand in the modules beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pipelines.simulate.known import Known, Standing, joined
from pipelines.simulate.model import Month

Kind = Literal["count", "share", "rate", "median", "elapsed"]


class Part(NamedTuple):
    """What one thing (a consultation, a case, a component) adds to a KPI; `thing` has the dimensions as attributes."""

    numerator: int
    denominator: int = 1
    thing: Any = None


Parts = Callable[[Known, str, Month], Iterable[Part]]
StandingOf = Callable[[Known, str, Month], Standing]


@dataclass(frozen=True)
class Kpi:
    """A KPI. `parts` gives what a municipality adds to it in a month; `dimensions`: its breakdowns → code list.

    Of a median, the thing of each part is a `Spell`; of elapsed months there is one part at most, its numerator.
    """

    kind: Kind
    forms: tuple[str, ...]
    parts: Parts
    standing: StandingOf
    """How what it reads stands in one municipality and month."""
    is_always_known: bool
    """Whether a municipality counts even if nothing of it was accepted."""
    per: int
    adds_over_time: bool
    """Whether numerators (and denominators) of several months may be added: each thing is in one month only."""
    dimensions: Mapping[str, str]

    @property
    def has_denominator(self) -> bool:
        """Whether its value is a quotient."""
        return self.kind in {"share", "rate"}

    def is_known(self, known: Known, municipality: str, month: Month) -> bool:
        """Whether it has a numerator (and denominator) there."""
        return self.is_always_known or bool(self.standing(known, municipality, month).submitted)

    def numerator(self, known: Known, municipality: str, month: Month) -> int:
        """The sum of what a municipality adds."""
        return sum(part.numerator for part in self.parts(known, municipality, month))


KPIS: dict[str, Kpi] = {}


def kpi(
    *forms: str,
    kind: Kind = "count",
    per: int = 1,
    standing: StandingOf | None = None,
    is_always_known: bool = False,
    adds: bool = False,
    **dimensions: str,
) -> Callable[[Parts], Parts]:
    """Registers a KPI under its function's name; `forms` is what it reads, all of which must be accepted.

    `adds`: whether it adds over time.
    """

    def register(parts: Parts) -> Parts:
        of_forms = standing or (lambda known, code, month: joined(known.standing(form, code, month) for form in forms))
        KPIS[parts.__name__] = Kpi(kind, forms, parts, of_forms, is_always_known, per, adds, dimensions)
        return parts

    return register


def each(things: Iterable[Any]) -> Iterator[Part]:
    """Everything counts one."""
    return (Part(1, thing=thing) for thing in things)


def of_which(things: Iterable[Any], is_so: Callable[[Any], object]) -> Iterator[Part]:
    """Everything is in the denominator, what is so in the numerator."""
    return (Part(int(bool(is_so(thing))), thing=thing) for thing in things)
