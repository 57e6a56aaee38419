"""A message over SMTP: encrypted, with the server's certificate checked, to one recipient at a time.

Not here: who may get it, and whether they already did.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from mimetypes import guess_type
from pathlib import Path
from typing import Protocol

from pipelines.settings import Settings

TIMEOUT = 30  # seconds


class MailRefused(RuntimeError):
    """The message was surely not sent; the reason names no password and no content."""


class MailUnsure(RuntimeError):
    """The connection broke while the message was on its way: it may have arrived."""


@dataclass(frozen=True)
class Mail:
    """Subject, text and files."""

    subject: str
    body: str
    attachments: tuple[Path, ...] = ()


class Post(Protocol):
    """What carries a message to one recipient."""

    def send(self, mail: Mail, recipient: str) -> None:
        """Raises MailRefused when it was surely not sent, MailUnsure when nobody can tell."""
        ...


class Smtp:
    """The office's mail server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = ssl.create_default_context(cafile=str(settings.smtp_ca_file) if settings.smtp_ca_file else None)

    def send(self, mail: Mail, recipient: str) -> None:
        """Connect, encrypt, send. A server that does not encrypt, or whose certificate is not known, gets nothing."""
        message = self._message(mail, recipient)
        try:
            server = self._connect()
            self._login(server)
        except (smtplib.SMTPException, OSError) as error:
            raise MailRefused(_reason(error)) from None
        try:
            server.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            raise MailRefused(_reason(error)) from None
        except (smtplib.SMTPException, OSError):
            # It broke off in the middle: the server may have the message.
            raise MailUnsure from None
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        host, port = str(self._settings.smtp_host), self._settings.smtp_port
        if self._settings.smtp_security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=self._context)
        server = smtplib.SMTP(host, port, timeout=TIMEOUT)
        try:
            server.starttls(context=self._context)
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
        for path in mail.attachments:
            kind, _, detail = (guess_type(path.name)[0] or "application/octet-stream").partition("/")
            message.add_attachment(path.read_bytes(), maintype=kind, subtype=detail, filename=path.name)
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
    return "メールサーバーにつながりません"
