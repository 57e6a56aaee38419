"""Who gets what: a draft goes to approvers, an approved report to its folder and to the recipients of its audience.

An internal edition goes to no address outside; nothing goes to an address that no list names; nothing goes twice.
How a message travels is in delivery_mail.py, what was sent in report_log.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pipelines.deadlines import due_in
from pipelines.delivery_mail import Mail, MailRefused, MailUnsure, Post
from pipelines.durable import write_beside
from pipelines.report_files import draft_files, filed_at, filed_files
from pipelines.report_log import Purpose, Report, ReportLog
from pipelines.settings import Settings

Outcome = Literal["sent", "would_send", "already", "unsure", "forbidden", "failed", "no_mail", "filed"]
OUTCOMES_JA: dict[Outcome, str] = {
    "sent": "送信しました",
    "would_send": "送信する予定です",
    "already": "送信済みです",
    "unsure": "前回の送信が途中で止まりました。届いたか相手に確かめてください",
    "forbidden": "宛先の決まりにより送りません",
    "failed": "送信できませんでした",
    "no_mail": "メールの設定がないため送りません",
    "filed": "フォルダに置きました",
}
AUDIENCES_JA = {"internal": "庁内", "adviser": "アドバイザー", "public": "公開"}
ATTACHED = (".pdf", ".xlsx")


class NotApproved(RuntimeError):
    """Only an approved report goes out; the message is in Japanese."""


@dataclass(frozen=True)
class Sending:
    """What became of one message to one recipient, or would become of it. `reason` is never a password or an address list."""

    recipient: str
    outcome: Outcome
    reason: str | None = None


def approve(settings: Settings, report_id: str, by: str, at: datetime) -> Report:
    """Release a draft that is still what was made. Raises UnknownReport, NotAsMade."""
    with ReportLog.reading(settings.manifest_db) as log:
        report = log.report(report_id)
    if report.approved_at is None:
        draft_files(settings, report)
    with ReportLog(settings.manifest_db) as log:
        return log.approve(report_id, by, at)


def deliver_draft(
    settings: Settings, report: Report, post: Post | None, *, at: datetime, dry_run: bool = False
) -> list[Sending]:
    """Send a draft to the approvers, and to nobody else. Raises NotAsMade."""
    mail = _report_mail(report, draft_files(settings, report), f"【下書き】{report.title_ja}", [
        f"{report.title_ja}({AUDIENCES_JA[report.audience]}版)の下書きです。まだ誰にも送っていません。",
        f"内容を確かめ、よければ次の命令で配布してください: kasane report approve {report.report_id}",
    ])  # fmt: skip
    return _send(
        settings, post, mail, report.report_id, "draft", settings.approvers, report.audience, at, dry_run=dry_run
    )


def deliver(
    settings: Settings, report: Report, post: Post | None, *, at: datetime, dry_run: bool = False
) -> list[Sending]:
    """File an approved report and send it to the recipients of its audience. Raises NotApproved, NotAsMade."""
    if report.approved_at is None:
        raise NotApproved(
            f"報告書 {report.report_id} はまだ承認されていません。kasane report approve で承認してください。"
        )
    folder = filed_at(settings, report)
    files = draft_files(settings, report) if dry_run and not folder.exists() else filed_files(settings, report)
    filed = [] if dry_run else [Sending(str(folder), "filed")]
    mail = _report_mail(report, files, report.title_ja, [
        f"{report.title_ja}({AUDIENCES_JA[report.audience]}版)をお送りします。",
        f"承認: {report.approved_at:%Y-%m-%d %H:%M} {report.approved_by}",
    ])  # fmt: skip
    recipients = settings.recipients.get(report.audience, ())  # type: ignore[call-overload]
    return filed + _send(
        settings, post, mail, report.report_id, "release", recipients, report.audience, at, dry_run=dry_run
    )


def remind(settings: Settings, month: date, post: Post | None, *, at: datetime, dry_run: bool = False) -> list[Sending]:
    """Write a reminder for each sender that lacks a form of the month; mail it where the address is known. Raises NotKnown."""
    lacking: dict[str, list[str]] = {}
    deadlines: dict[str, date] = {}
    for due in due_in(settings, month):
        if due.timeliness == "missing" and due.period == month:
            lacking.setdefault(due.sender_code, [due.sender]).append(due.form_label)
            deadlines[due.sender_code] = due.deadline
    sendings: list[Sending] = []
    for code, (sender, *forms) in lacking.items():
        body = _reminder(settings, month, sender, forms, deadlines[code])
        subject = f"reminder-{month:%Y-%m}-{code}"
        if not dry_run:
            path = settings.outbox_dir / f"{month:%Y-%m}" / "reminders" / f"{code}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_beside(path, lambda stream, text=body: stream.write(text.encode()))
        mail = Mail(subject=f"【提出のお願い】{month.year}年{month.month}月分", body=body)
        address = settings.contacts.get(code)
        sendings += _send(
            settings, post, mail, subject, "reminder", [address] if address else [], None, at, dry_run=dry_run
        )
        sendings += [] if address else [Sending(code, "filed")]
    return sendings


def _reminder(settings: Settings, month: date, sender: str, forms: list[str], deadline: date) -> str:
    lines = [
        f"{sender} ご担当者様",
        "",
        f"{month.year}年{month.month}月分の次の様式が、まだ届いていません(期限 {deadline:%Y-%m-%d})。",
        *(f"・{form}" for form in forms),
        "",
        "行き違いで提出済みの場合はご容赦ください。個人が分かる情報は入れないでください。",
        f"{settings.prefecture_name}",
    ]
    return "\n".join(lines) + "\n"


def _report_mail(report: Report, files: Mapping[str, bytes], subject: str, lines: Iterable[str]) -> Mail:
    attached = {name: files[name] for name in (f"{report.name}{ending}" for ending in ATTACHED)}
    body = "\n".join([*lines, "", f"版: {report.build_id}", f"報告書の番号: {report.report_id}"]) + "\n"
    return Mail(subject=subject, body=body, attachments=attached)


def _send(
    settings: Settings,
    post: Post | None,
    mail: Mail,
    subject: str,
    purpose: Purpose,
    recipients: Iterable[str],
    audience: str | None,
    at: datetime,
    *,
    dry_run: bool,
) -> list[Sending]:
    allowed = _allowed(settings, audience)
    with ReportLog(settings.manifest_db) as log:
        known = {one.recipient: one.state for one in log.deliveries(subject) if one.purpose == purpose}
        sendings = []
        for recipient in dict.fromkeys(recipients):
            if not allowed(recipient):
                sendings.append(Sending(recipient, "forbidden", "庁内版は庁外の宛先には送れません"))
            elif known.get(recipient) in {"sent", "sending"}:
                sendings.append(Sending(recipient, "already" if known[recipient] == "sent" else "unsure"))
            elif post is None:
                sendings.append(Sending(recipient, "no_mail"))
            elif dry_run:
                sendings.append(Sending(recipient, "would_send"))
            else:
                sendings.append(_send_one(log, post, mail, subject, purpose, recipient, at))
    return sendings


def _send_one(
    log: ReportLog, post: Post, mail: Mail, subject: str, purpose: Purpose, recipient: str, at: datetime
) -> Sending:
    try:
        letter = post.letter(mail, recipient)
    except MailRefused as refused:  # never begun: nothing to claim
        return Sending(recipient, "failed", str(refused))
    if not log.claim(subject, purpose, recipient, at):  # another process was quicker
        return Sending(recipient, "already")
    try:
        post.send(letter)
    except MailRefused as refused:  # surely not sent: it may be tried again
        log.settle(subject, purpose, recipient, "failed", at, str(refused))
        return Sending(recipient, "failed", str(refused))
    except MailUnsure:  # the claim stands: nobody sends it a second time unasked
        return Sending(recipient, "unsure")
    log.settle(subject, purpose, recipient, "sent", at)
    return Sending(recipient, "sent")


def _allowed(settings: Settings, audience: str | None) -> Callable[[str], bool]:
    """Which address may get an edition: an internal one only inside."""
    if audience != "internal":
        return lambda recipient: True
    return lambda recipient: recipient.rpartition("@")[2].lower() in {d.lower() for d in settings.inside_domains}
