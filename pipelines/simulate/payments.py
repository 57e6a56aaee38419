"""What the prefecture pays on what it granted: national money field by field, its own as one lump. Integers of yen.

What is granted is `grants`'; when the payments are reported is `sending`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from pipelines.simulate.model import Gap, fiscal_year_start, month_of, reference_code_lists
from pipelines.simulate.numbers import Numbering
from pipelines.simulate.rows import GrantRow, Payment

_WRONG_LUMP = 0.07
_LUMP = "lump"


def draw_payments(
    rows: Sequence[GrantRow], year: int, numbers: Numbering, rng: Random
) -> tuple[list[Payment], list[Gap]]:
    """The payments on a fiscal year's grants by date, and where a lump is not the sum of its advances.

    Every instalment is paid some days after it is due. What was advanced above the final amount comes back in June:
    national money as a negative payment, the prefecture's own as its revenue, which is no payment.
    """
    advances: dict[tuple[str, int], list[GrantRow]] = defaultdict(list)
    finals: dict[str, list[GrantRow]] = defaultdict(list)
    for row in rows:
        if row.stage == "advance":
            advances[row.municipality_code, row.seq].append(row)
        elif row.stage == "final":
            finals[row.municipality_code].append(row)
    payments: list[Payment] = []
    gaps: list[Gap] = []
    for (code, _), instalment in advances.items():
        wrong = rng.choice((-10_000, -1_000, 1_000, 27_000)) if rng.random() < _WRONG_LUMP else 0
        paid = _paid(code, instalment, wrong, rng)
        if wrong and paid[-1].field == _LUMP:
            gaps.append(Gap(code, "grant_payment", fiscal_year_start(year), "amount_yen", wrong))
        payments += paid
    for code, final in finals.items():
        payments += _refunds(code, [row for seq in (1, 2) for row in advances[code, seq]], final, rng)
    payments.sort(key=lambda payment: payment.paid_on)
    return [each._replace(payment_no=numbers.payment(month_of(each.paid_on))) for each in payments], gaps


def _paid(code: str, instalment: Sequence[GrantRow], wrong: int, rng: Random) -> list[Payment]:
    """One instalment, numbered later: national by field, then the lump if the prefecture has a share."""
    day = max(row.dated_on for row in instalment) + timedelta(days=rng.randint(2, 9))
    found = [
        Payment("", code, "national", field, day, amount) for field, amount in _by_field(instalment).items() if amount
    ]
    lump = sum(row.prefectural_share for row in instalment)
    if lump:
        found.append(Payment("", code, "prefectural", _LUMP, day, lump + wrong))
    return found


def _refunds(code: str, advances: Sequence[GrantRow], final: Sequence[GrantRow], rng: Random) -> list[Payment]:
    paid, kept = _by_field(advances), _by_field(final)
    day = max(row.dated_on for row in final)
    returned_on = date(day.year, 6, rng.randint(3, 21))
    return [
        Payment("", code, "national", field, returned_on, kept.get(field, 0) - amount)
        for field, amount in paid.items()
        if amount > kept.get(field, 0)
    ]


def _by_field(rows: Sequence[GrantRow]) -> dict[str, int]:
    """National shares by field."""
    field_of = {code.code: code.group for code in reference_code_lists()["grant_component"]}
    amounts: dict[str, int] = defaultdict(int)
    for row in rows:
        amounts[field_of[row.component]] += row.national_share
    return amounts
