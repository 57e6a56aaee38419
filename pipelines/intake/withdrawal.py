"""Taking an accepted file back: which submissions that means, and what counts again afterwards.

The record is the manifest's; the figures follow with the next run. The file itself stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from pipelines.intake.manifest import Manifest, ManifestError
from pipelines.intake.personal_data import scan_text
from pipelines.intake.submissions import Submission
from pipelines.settings import Settings

REASON_AT_MOST = 200


@dataclass(frozen=True)
class Withdrawn:
    """A submission taken back, and the one that now counts for the same sender, form and period, if any."""

    submission: Submission
    counts_again: Submission | None


def withdraw(settings: Settings, file: str, reason: str, at: datetime) -> list[Withdrawn]:
    """Take back what was last accepted under that file name (all forms of a workbook), or the one submission of that id.

    Raises ManifestError in Japanese: an unknown or ambiguous name, nothing accepted, already taken back, a reason that is
    empty, too long or looks like personal data.
    """
    reason = _checked(reason)
    if not settings.manifest_db.exists():
        raise ManifestError(_unknown(file))
    with Manifest(settings.manifest_db) as manifest:
        taken = _last_accepted(manifest.submissions(), file)
        for submission in taken:
            manifest.withdraw(submission.submission_id, reason, at)
        now_current = {known.three: known for known in manifest.known_at(None) if known.is_current}
        return [Withdrawn(submission, now_current.get(submission.three)) for submission in taken]


def named(submissions: list[Submission], file: str) -> list[Submission]:
    """The submissions that came in a file of that path or name, or have that id."""
    return [one for one in submissions if file in {one.file_name, PurePosixPath(one.file_name).name, one.submission_id}]


def _last_accepted(submissions: list[Submission], file: str) -> list[Submission]:
    found = named(submissions, file)
    if not found:
        raise ManifestError(_unknown(file))
    if len(paths := sorted({one.file_name for one in found})) > 1:
        raise ManifestError(
            f"{file} という名前のファイルが{len(paths)}つのフォルダにあります。フォルダ名から指定してください:\n"
            + "\n".join(paths)
        )
    accepted = [one for one in found if one.is_accepted]
    if not accepted:
        raise ManifestError(f"{file} は受理されていないので、取り下げるものがありません。")
    last = accepted[-1]
    together = [
        one for one in accepted if (one.content_sha256, one.received_at) == (last.content_sha256, last.received_at)
    ]
    standing = [one for one in together if one.withdrawn_at is None]
    if not standing:
        raise ManifestError(f"{file} はすでに取り下げられています({last.withdrawn_at:%Y-%m-%d %H:%M})。")
    return standing


def _checked(reason: str) -> str:
    text = " ".join(reason.split())
    if not text or len(text) > REASON_AT_MOST:
        raise ManifestError(f"取り下げの理由を {REASON_AT_MOST} 文字以内で書いてください。")
    if scan_text(text):
        raise ManifestError("取り下げの理由に個人情報と思われるものがあります。取り除いてください。")
    return text


def _unknown(file: str) -> str:
    return f"{file} という提出はありません。`kasane submissions` でファイル名を確かめてください。"
