"""Every path, threshold, deadline and switch, in one place; each can be set as KASANE_<NAME>.

Values that are facts of the field (codes, rates, thresholds by population) are reference tables, not settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_DIR = Path(__file__).resolve().parent.parent
TIME_ZONE = ZoneInfo("Asia/Tokyo")


ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
Audience = Literal["internal", "adviser", "public"]


class Settings(BaseSettings):
    """Settings of one home. Paths derive from `home`; two homes never touch each other."""

    model_config = SettingsConfigDict(env_prefix="KASANE_", frozen=True)

    home: Path = PROJECT_DIR / "data"
    inbox: Path | None = None  # default: home/inbox

    prefecture_code: str = "110001"
    prefecture_name: str = "埼玉県"

    max_file_bytes: int = 50 * 1024 * 1024
    max_title_rows: int = 10
    settle_seconds: float = Field(default=1.0, ge=0)  # a file changed more recently is looked at again after as long
    returned_error_share: float = 0.5  # more rejected rows than this share returns the whole file
    gate_batch_rows: int = 500_000
    keep_builds: int = 10

    monthly_deadline_day: int = Field(default=10, ge=1, le=28)  # of the month after, the day itself included
    fiscal_year_deadline: str = "04-30"  # MM-DD in the year in which the fiscal year begins, the day itself included
    # 県費: the rate's share of the selected amount, or 国費 (floored) × the ratio of the two rates. An open question.
    prefectural_share_rule: Literal["rate", "half_of_national"] = "rate"
    case_retention_months: int | None = Field(default=None, ge=1)  # of rows about persons; None keeps them

    # Reports that go out by themselves; days are of the month after the one reported, hours are Japan's.
    report_day: int = Field(default=11, ge=1, le=28)
    reminder_day: int = Field(default=8, ge=1, le=28)
    schedule_hour: int = Field(default=9, ge=0, le=23)
    report_audiences: tuple[Audience, ...] = ("internal", "public")
    approvers: tuple[str, ...] = ()  # e-mail addresses that get the draft
    recipients: Mapping[Audience, tuple[str, ...]] = {}  # who may get which edition, and nobody else
    inside_domains: frozenset[str] = frozenset()  # where an internal edition may go
    contacts: Mapping[str, str] = {}  # municipality code → e-mail address, for reminders
    smtp_host: str | None = None  # None: everything is left in a folder, nothing is mailed
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str = Field(default="", validate_default=True)  # needed as soon as there is a host
    smtp_ca_file: Path | None = None  # of a certificate authority of the office's own

    @field_validator("report_day")
    @classmethod
    def _is_after_the_deadline(cls, day: int, info: ValidationInfo) -> int:
        if day <= info.data.get("monthly_deadline_day", 0):
            raise ValueError("報告書を作る日は、提出期限より後にしてください(期限の前では、何が届いたか分かりません)")
        return day

    @field_validator("smtp_from")
    @classmethod
    def _mail_has_a_sender(cls, address: str, info: ValidationInfo) -> str:
        if info.data.get("smtp_host") and not ADDRESS.fullmatch(address):
            raise ValueError("メールを送るには(KASANE_SMTP_HOST)、差出人のアドレスを KASANE_SMTP_FROM に入れてください")
        return address

    @field_validator("fiscal_year_deadline")
    @classmethod
    def _is_a_day(cls, text: str) -> str:
        try:
            date.fromisoformat(f"2001-{text}")
        except ValueError:
            raise ValueError("年度の期限は「月-日」で、04-30 のように書いてください") from None
        return text

    @property
    def fiscal_year_deadline_on(self) -> tuple[int, int]:
        """Month and day of `fiscal_year_deadline`."""
        day = date.fromisoformat(f"2001-{self.fiscal_year_deadline}")  # no leap year: the day exists every year
        return day.month, day.day

    @cached_property
    def root(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().resolve()

    @cached_property
    def inbox_dir(self) -> Path:
        """Where submitted files are put."""
        return (self.inbox or self.root / "inbox").expanduser().resolve()

    @property
    def manifest_db(self) -> Path:
        """SQLite: submissions, receipts' facts, builds."""
        return self.root / "manifest.sqlite"

    @property
    def lake_dir(self) -> Path:
        """Typed Parquet, one file per (form, period)."""
        return self.root / "lake"

    @property
    def receipts_dir(self) -> Path:
        """One folder per municipality."""
        return self.root / "receipts"

    @property
    def rekey_secret(self) -> Path:
        """0600 file that keys the hash of case numbers; never in a backup."""
        return self.root / "secrets" / "rekey.key"

    @property
    def lock_file(self) -> Path:
        """Held by whoever writes; empty."""
        return self.root / "writer.lock"

    @property
    def work_dir(self) -> Path:
        """Derived and disposable: warehouse, dbt target, protected tables."""
        return self.root / "work"

    @property
    def warehouse_db(self) -> Path:
        """The fresh warehouse of the build under way."""
        return self.work_dir / "warehouse.duckdb"

    @property
    def reports_dir(self) -> Path:
        """Reports and briefings, by month, edition and build."""
        return self.root / "reports"

    @property
    def charts_dir(self) -> Path:
        """Drawn charts, kept by their content; disposable."""
        return self.work_dir / "charts"

    @property
    def outbox_dir(self) -> Path:
        """What was released or sent, one folder a month: the delivery that needs no mail."""
        return self.root / "outbox"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage."""
        return self.root / "dagster"

    @property
    def published_dir(self) -> Path:
        """One folder per build, and CURRENT.json."""
        return self.root / "published"

    def reference(self, name: str) -> Path:
        """The reference table of that file name: the home's own where it has one, else the project's."""
        own = self.root / "reference" / name
        return own if own.exists() else PROJECT_DIR / "data" / "reference" / name
