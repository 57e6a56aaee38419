"""The partitions of the lake: months, and fiscal years from April to March."""

from __future__ import annotations

from datetime import date

import dagster as dg

from expectations.contract import Cadence, Contract
from pipelines.settings import TIME_ZONE

FIRST_MONTH = date(2021, 4, 1)  # the programme began in fiscal year 2021; nothing can be older

MONTHLY = dg.MonthlyPartitionsDefinition(
    start_date=FIRST_MONTH.strftime("%Y-%m"), fmt="%Y-%m", timezone=str(TIME_ZONE), end_offset=1
)
FISCAL_YEAR = dg.TimeWindowPartitionsDefinition(
    start=str(FIRST_MONTH.year), fmt="%Y", cron_schedule="0 0 1 4 *", timezone=str(TIME_ZONE), end_offset=1
)


def partitions_of(contract: Contract) -> dg.TimeWindowPartitionsDefinition:
    """The partitions of a form's files in the lake."""
    return MONTHLY if contract.cadence == "monthly" else FISCAL_YEAR


def partition_key(cadence: Cadence, period: date) -> str:
    """The partition a period (its first day) belongs to."""
    return period.strftime("%Y-%m" if cadence == "monthly" else "%Y")
