"""A message over SMTP: encrypted, with the server's certificate checked, to one recipient at a time.

Not here: who may get it, and whether they already did.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from mimetypes import guess_type
from typing import Protocol

from pipelines.settings import Settings

TIMEOUT = 30  # seconds


class MailRefused(RuntimeError):
    """The message was surely not sent; the reason names no password and no content."""


class MailUnsure(RuntimeError):
    """The connection broke while the message was on its way: it may have arrived."""


@dataclass(frozen=True)
class Mail:
    """Subject, text and files by name."""

    subject: str
    body: str
    attachments: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Letter:
    """A message written out for one recipient: nothing is left that could fail before the server is asked."""

    recipient: str
    content: bytes


class Post(Protocol):
    """What carries a message to one recipient."""

    def letter(self, mail: Mail, recipient: str) -> Letter:
        """Write it out. Raises MailRefused."""
        ...

    def send(self, letter: Letter) -> None:
        """Raises MailRefused when it was surely not sent, MailUnsure when nobody can tell."""
        ...


class Smtp:
    """The office's mail server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def letter(self, mail: Mail, recipient: str) -> Letter:
        """Write the message out. An address that cannot be written in a header is refused here."""
        try:
            recipient.encode("ascii")
            return Letter(recipient, self._message(mail, recipient).as_bytes(policy=SMTP))
        except (ValueError, LookupError, AttributeError, MessageError):  # what the email package says of an odd address
            raise MailRefused("宛先か差出人のアドレスの書き方に誤りがあります") from None

    def send(self, letter: Letter) -> None:
        """Connect, encrypt, send. A server that does not encrypt, or whose certificate is not known, gets nothing."""
        try:
            server = self._connect()
            self._login(server)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise MailRefused(_reason(error)) from None
        try:
            server.sendmail(self._settings.smtp_from, [letter.recipient], letter.content)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            raise MailRefused(_reason(error)) from None
        except (smtplib.SMTPException, OSError):
            # It broke off in the middle: the server may have the message.
            raise MailUnsure from None
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        host, port, own = str(self._settings.smtp_host), self._settings.smtp_port, self._settings.smtp_ca_file
        if own and not own.is_file():
            raise MailRefused(f"認証局の証明書のファイルがありません: {own}(KASANE_SMTP_CA_FILE)")
        context = ssl.create_default_context(cafile=str(own) if own else None)
        if self._settings.smtp_security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
        return server

    def _login(self, server: smtplib.SMTP) -> None:
        if self._settings.smtp_user and self._settings.smtp_password:
            server.login(self._settings.smtp_user, self._settings.smtp_password.get_secret_value())

    def _message(self, mail: Mail, recipient: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = mail.subject, self._settings.smtp_from, recipient
        message.set_content(mail.body)
        for name, content in mail.attachments.items():
            kind, _, detail = (guess_type(name)[0] or "application/octet-stream").partition("/")
            message.add_attachment(content, maintype=kind, subtype=detail, filename=name)
        return message


def post_of(settings: Settings) -> Post | None:
    """The way mail goes, or None where none is set up."""
    return Smtp(settings) if settings.smtp_host else None


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "メールサーバーが利用者名かパスワードを受け付けません"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "メールサーバーが宛先を受け付けません"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "メールサーバーが暗号化(STARTTLS)に対応していません"
    if isinstance(error, ssl.SSLError):
        return "メールサーバーの証明書を確かめられません"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"メールサーバーが受け付けません({error.smtp_code})"
    if isinstance(error, UnicodeError):
        return "メールの設定(サーバー名、利用者名、パスワード)に使えない文字があります"
    return "メールサーバーにつながりません"
