"""Files whose name or period says something they cannot mean."""

from __future__ import annotations

from expectations.contract import Contract
from tests.factories.building import PREFECTURE, SENDER, BadFile, as_csv, changed, contracts, grid, name_of


def misnamed_files() -> list[BadFile]:
    """Files whose name does not tell sender, form or period; `code` is the reason, `column` the NameReading's field."""
    data = as_csv(changed(contracts()["consultation"]))
    faults = [
        ("unknown municipality", "横浜市_consultation_2024-05.csv", "sender_code"),
        ("wrong check digit", "112012_consultation_2024-05.csv", "sender_code"),
        ("no municipality", "consultation_2024-05.csv", "sender_code"),
        ("unknown form", f"{SENDER}_相談記録_2024-05.csv", "form"),
        ("month 13", f"{SENDER}_consultation_2024-13.csv", "period"),
        ("no period", f"{SENDER}_consultation.csv", "period"),
        ("a day instead of a month", f"{SENDER}_consultation_20240501.csv", "period"),
        ("a year without 年度", f"{SENDER}_consultation_2024.csv", "period"),
        ("a month of no era", f"{SENDER}_consultation_平成35年5月.csv", "period"),
    ]
    reasons = {"sender_code": "unknown_sender", "form": "unknown_form", "period": "unknown_period"}
    return [
        BadFile(fault, "consultation", name, data, "returned", reasons[field], field) for fault, name, field in faults
    ]


def misplaced_files() -> list[BadFile]:
    """Per form: of another sender, another cadence, the future, another period; or without the rows it must have."""
    return [bad for contract in contracts().values() for bad in _misplaced(contract)]


def _misplaced(contract: Contract) -> list[BadFile]:
    form, name, data = contract.form, name_of(contract), as_csv(changed(contract))
    sender, _, rest = name.partition("_")
    other_sender = SENDER if sender == PREFECTURE else PREFECTURE
    monthly = contract.cadence == "monthly"
    here, elsewhere, future = ("2024-05", "FY2024", "2024-07") if monthly else ("FY2024", "2024-05", "FY2025")
    files = [
        BadFile("of the wrong sender", form, f"{other_sender}_{rest}", data, "returned", "wrong_sender"),
        BadFile("of the wrong cadence", form, name.replace(here, elsewhere), data, "returned", "other_cadence"),
    ]
    if contract.kind == "statement":
        files.append(BadFile("a header without rows", form, name, as_csv(grid(contract, [])), "returned", "no_rows"))
    else:
        files.append(BadFile("of the future", form, name.replace(here, future), data, "returned", "future_period"))
    if any(rule.name == "in_period" for rule in contract.rules):
        past = name.replace(here, "2024-03" if monthly else "FY2023")
        files.append(BadFile("rows of another period only", form, past, data, "returned", "other_period"))
    return files
