"""Who gets a report, over a real mail server on this machine: the right ones, once, encrypted, and nobody else."""

from __future__ import annotations

import dataclasses
import hashlib
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from pipelines.assets.reports import report_delivered
from pipelines.cli import app
from pipelines.delivery import NotApproved, Sending, approve, deliver, deliver_draft
from pipelines.delivery_mail import post_of
from pipelines.progress import Silent
from pipelines.report_files import NotAsMade, filed_at
from pipelines.report_log import Report, ReportLog
from pipelines.settings import TIME_ZONE, Settings

NOW = datetime(2024, 6, 11, 9, 0, tzinfo=TIME_ZONE)
INSIDE, OUTSIDE, BOSS = "staff@pref.example.jp", "someone@elsewhere.example.com", "boss@pref.example.jp"


class Letterbox:
    """Keeps what arrives; `answer` is what it says to a message, None breaks the line instead."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, Any]] = []
        self.answer: str | None = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("nobody@"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters += [(address, message_from_bytes(envelope.content)) for address in envelope.rcpt_tos]
        if self.answer is None:
            server.transport.abort()
            return "250 never heard"
        return self.answer

    @property
    def addresses(self) -> list[str]:
        return sorted(address for address, _ in self.letters)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of our own for 127.0.0.1, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    pem, key = folder / "cert.pem", folder / "key.pem"
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(TIME_ZONE)
    made = (
        x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem, key


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def serve(certificate: tuple[Path, Path], letterbox: Letterbox) -> Iterator[Callable[..., int]]:
    """Start a mail server; returns its port."""
    running: list[Controller] = []

    def start(*, encrypted: bool = True) -> int:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        kind = {"tls_context": context, "require_starttls": True} if encrypted else {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(letterbox, hostname="127.0.0.1", port=port, **kind)
        controller.start()
        running.append(controller)
        return port

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def office(tmp_path: Path, serve: Callable[..., int], certificate: tuple[Path, Path]) -> Callable[..., Settings]:
    """Settings of a home whose mail goes to our server; `office(**changes)`."""

    def make(**changes: Any) -> Settings:
        facts: dict[str, Any] = {
            "home": tmp_path / "home",
            "smtp_host": "127.0.0.1",
            "smtp_from": "kasane@pref.example.jp",
            "smtp_ca_file": certificate[0],
            "inside_domains": {"pref.example.jp"},
            "approvers": (BOSS,),
            "recipients": {"internal": (INSIDE, OUTSIDE), "adviser": (INSIDE, OUTSIDE)},
        }
        if "smtp_port" not in changes and changes.get("smtp_host", "") is not None:
            facts["smtp_port"] = serve()
        return Settings.model_validate(facts | changes)

    return make


def report_in(settings: Settings, audience: str = "adviser", *, approved: bool = True) -> Report:
    """A report on record, its files in the home."""
    folder = settings.reports_dir / "2024-05" / audience
    folder.mkdir(parents=True)
    files = {f"kasane_monthly{ending}": b"file" + ending.encode() for ending in (".pdf", ".xlsx")}
    files["kasane_monthly_open_data/kpi.csv"] = b"csv"
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "kasane_briefing.pdf").write_bytes(b"of another document")
    report = Report(
        report_id=f"2024-05-{audience}-abc",
        month=date(2024, 5, 1),
        audience=audience,
        build_id="202405-aaa",
        digest="d",
        title_ja="月次報告 令和6年5月",
        folder=str(folder.relative_to(settings.root)),
        name="kasane_monthly",
        origin="schedule",
        made_at=NOW,
    )
    with ReportLog(settings.manifest_db) as log:
        log.record(report, {name: hashlib.sha256(content).hexdigest() for name, content in files.items()})
        return log.approve(report.report_id, "係長", NOW) if approved else log.report(report.report_id)


def send(settings: Settings, report: Report, **options: Any) -> list[Sending]:
    return deliver(settings, report, post_of(settings), at=NOW, **options)


def outcomes(sendings: list[Sending]) -> dict[str, str]:
    return {one.recipient: one.outcome for one in sendings if "@" in one.recipient}


def test_a_draft_goes_to_the_approvers_only(office: Callable[..., Settings], letterbox: Letterbox) -> None:
    settings = office()
    report = report_in(settings, "internal", approved=False)
    assert outcomes(deliver_draft(settings, report, post_of(settings), at=NOW)) == {BOSS: "sent"}
    assert letterbox.addresses == [BOSS]
    assert str(make_header(decode_header(letterbox.letters[0][1]["Subject"]))).startswith("【下書き】")
    assert not filed_at(settings, report).exists()


def test_nothing_goes_out_before_somebody_approved(office: Callable[..., Settings], letterbox: Letterbox) -> None:
    settings = office()
    report = report_in(settings, approved=False)
    with pytest.raises(NotApproved, match="承認"):
        send(settings, report)
    assert letterbox.letters == []


def test_an_approved_report_goes_to_its_recipients_once(office: Callable[..., Settings], letterbox: Letterbox) -> None:
    settings = office()
    report = report_in(settings)
    assert outcomes(send(settings, report)) == {INSIDE: "sent", OUTSIDE: "sent"}
    assert outcomes(send(settings, report)) == {INSIDE: "already", OUTSIDE: "already"}
    assert letterbox.addresses == sorted([INSIDE, OUTSIDE])
    for address, letter in letterbox.letters:
        assert letter["To"] == address, "one recipient does not learn of another"
        parts = {part.get_filename(): part.get_payload(decode=True) for part in letter.walk() if part.get_filename()}
        assert parts == {"kasane_monthly.pdf": b"file.pdf", "kasane_monthly.xlsx": b"file.xlsx"}
    filed = filed_at(settings, report)
    assert sorted(str(path.relative_to(filed)) for path in filed.rglob("*.*")) == [
        "kasane_monthly.pdf",
        "kasane_monthly.xlsx",
        "kasane_monthly_open_data/kpi.csv",
    ]


def test_an_internal_edition_goes_to_no_address_outside(office: Callable[..., Settings], letterbox: Letterbox) -> None:
    settings = office(approvers=(BOSS, OUTSIDE, "x@pref.example.jp.evil.example.com"))
    report = report_in(settings, "internal")
    assert outcomes(send(settings, report)) == {INSIDE: "sent", OUTSIDE: "forbidden"}
    drafted = outcomes(deliver_draft(settings, report, post_of(settings), at=NOW))
    assert drafted == {BOSS: "sent", OUTSIDE: "forbidden", "x@pref.example.jp.evil.example.com": "forbidden"}
    assert letterbox.addresses == sorted([INSIDE, BOSS])


def test_a_dry_run_shows_and_changes_nothing(office: Callable[..., Settings], letterbox: Letterbox) -> None:
    settings = office()
    report = report_in(settings)
    assert outcomes(send(settings, report, dry_run=True)) == {INSIDE: "would_send", OUTSIDE: "would_send"}
    assert letterbox.letters == [] and not filed_at(settings, report).exists()
    with ReportLog(settings.manifest_db) as log:
        assert log.deliveries() == []


def test_without_mail_the_folder_still_gets_it(office: Callable[..., Settings]) -> None:
    settings = office(smtp_host=None)
    report = report_in(settings)
    assert outcomes(send(settings, report)) == {INSIDE: "no_mail", OUTSIDE: "no_mail"}
    assert (filed_at(settings, report) / "kasane_monthly.pdf").is_file()


def test_a_server_without_encryption_gets_nothing(
    office: Callable[..., Settings], serve: Callable[..., int], letterbox: Letterbox
) -> None:
    settings = office(smtp_port=serve(encrypted=False))
    found = send(settings, report_in(settings))
    assert set(outcomes(found).values()) == {"failed"} and letterbox.letters == []
    assert {one.reason for one in found if one.reason} == {"メールサーバーが暗号化(STARTTLS)に対応していません"}


def test_a_server_nobody_vouches_for_gets_nothing_and_a_failure_may_be_retried(
    office: Callable[..., Settings], letterbox: Letterbox
) -> None:
    settings = office()
    report = report_in(settings)
    stranger = settings.model_copy(update={"smtp_ca_file": None})
    assert set(outcomes(send(stranger, report)).values()) == {"failed"} and letterbox.letters == []
    assert outcomes(send(settings, report)) == {INSIDE: "sent", OUTSIDE: "sent"}


def test_a_refused_recipient_does_not_stop_the_others(office: Callable[..., Settings], letterbox: Letterbox) -> None:
    settings = office(recipients={"adviser": ("nobody@pref.example.jp", INSIDE)})
    assert outcomes(send(settings, report_in(settings))) == {"nobody@pref.example.jp": "failed", INSIDE: "sent"}
    assert letterbox.addresses == [INSIDE]


def test_what_perhaps_arrived_is_not_sent_again(office: Callable[..., Settings], letterbox: Letterbox) -> None:
    settings = office(recipients={"adviser": (INSIDE,)})
    report = report_in(settings)
    letterbox.answer = None
    assert outcomes(send(settings, report)) == {INSIDE: "unsure"}
    letterbox.answer = "250 OK"
    assert outcomes(send(settings, report)) == {INSIDE: "unsure"}
    assert len(letterbox.letters) == 1


def test_two_at_once_send_once(office: Callable[..., Settings]) -> None:
    settings = office()
    report = report_in(settings)
    with ReportLog(settings.manifest_db) as one, ReportLog(settings.manifest_db) as other:
        claims = [log.claim(report.report_id, "release", INSIDE, NOW) for log in (one, other)]
    assert claims == [True, False]


@pytest.mark.parametrize("name", ["kasane_monthly.pdf", "kasane_monthly_open_data/kpi.csv"])
@pytest.mark.parametrize("change", [lambda path: path.write_bytes(path.read_bytes() + b" "), Path.unlink])
def test_what_was_changed_since_it_was_made_is_not_released(
    office: Callable[..., Settings], letterbox: Letterbox, name: str, change: Callable[[Path], Any]
) -> None:
    settings = office()
    report = report_in(settings, approved=False)
    path = settings.root / report.folder / name
    as_made = path.read_bytes()
    change(path)
    for go_on in (
        lambda: approve(settings, report.report_id, "係長", NOW),
        lambda: deliver_draft(settings, report, post_of(settings), at=NOW),
    ):
        with pytest.raises(NotAsMade, match=r"作り直し.*改めて承認"):
            go_on()
    with ReportLog(settings.manifest_db) as log:
        assert log.report(report.report_id).approved_at is None
        approved = log.approve(report.report_id, "係長", NOW)
    for dry_run in (True, False):
        with pytest.raises(NotAsMade, match="--month 2024-05 --audience adviser --build 202405-aaa"):
            send(settings, approved, dry_run=dry_run)
    assert letterbox.letters == [] and not filed_at(settings, report).exists()

    path.write_bytes(as_made)  # made again, it is the same report
    assert set(outcomes(send(settings, approved)).values()) == {"sent"}


def test_what_is_sent_is_what_was_filed(office: Callable[..., Settings], letterbox: Letterbox) -> None:
    settings = office(recipients={"adviser": ("nobody@pref.example.jp",)})
    report = report_in(settings)
    send(settings, report)
    (settings.root / report.folder / "kasane_monthly.pdf").write_bytes(b"made again by newer code")
    later = settings.model_copy(update={"recipients": {"adviser": (INSIDE,)}})
    assert outcomes(send(later, report)) == {INSIDE: "sent"}
    (letter,) = (letter for _, letter in letterbox.letters)
    assert b"file.pdf" in {part.get_payload(decode=True) for part in letter.walk()}

    (filed_at(settings, report) / "kasane_monthly.pdf").write_bytes(b"touched")
    with pytest.raises(NotAsMade, match="別の場所に移して"):
        send(settings.model_copy(update={"recipients": {"adviser": (OUTSIDE,)}}), report)
    assert letterbox.addresses == [INSIDE]


@pytest.mark.parametrize("recipient", ["課長@pref.example.jp", "two@lines.example.jp\nBcc: x@elsewhere.example.com"])
def test_a_letter_that_cannot_be_written_was_never_begun(
    office: Callable[..., Settings], letterbox: Letterbox, recipient: str
) -> None:
    settings = office(recipients={"adviser": (recipient, INSIDE)})
    report = report_in(settings)
    for expected in ("sent", "already"):
        assert outcomes(send(settings, report)) == {recipient: "failed", INSIDE: expected}
    with ReportLog(settings.manifest_db) as log:
        assert [(one.recipient, one.state) for one in log.deliveries()] == [(INSIDE, "sent")]
    assert letterbox.addresses == [INSIDE]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"smtp_ca_file": Path("nowhere.pem")}, "KASANE_SMTP_CA_FILE"),
        ({"smtp_user": "課", "smtp_password": "秘密"}, "使えない文字"),
    ],
)
def test_a_wrong_setting_is_a_failure_that_may_be_retried(
    office: Callable[..., Settings], letterbox: Letterbox, wrong: dict[str, Any], reason: str
) -> None:
    settings = office()
    report = report_in(settings)
    found = send(Settings.model_validate(settings.model_dump() | wrong), report)
    assert set(outcomes(found).values()) == {"failed"} and all(
        reason in str(one.reason) for one in found if "@" in one.recipient
    )
    assert letterbox.letters == []
    assert set(outcomes(send(settings, report)).values()) == {"sent"}


@pytest.mark.parametrize("sender", ["", "kasane", "重ね@pref.example.jp"])
def test_mail_needs_a_sender(tmp_path: Path, sender: str) -> None:
    env = {"KASANE_HOME": str(tmp_path), "KASANE_SMTP_HOST": "mail.example.jp", "KASANE_SMTP_FROM": sender}
    done = CliRunner().invoke(app, ["report", "list"], env=env)
    assert done.exit_code == 2 and "差出人のアドレスを KASANE_SMTP_FROM に入れてください" in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_the_schedule_leaves_a_draft_that_a_later_one_replaced(
    office: Callable[..., Settings], letterbox: Letterbox
) -> None:
    settings = office()
    earlier = report_in(settings, approved=False)
    pdf = settings.root / earlier.folder / "kasane_monthly.pdf"
    pdf.write_bytes(b"by newer code")
    later = dataclasses.replace(earlier, report_id="2024-05-adviser-new", made_at=NOW + timedelta(days=1))

    def run() -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [report_delivered],
            partition_key="2024-05",
            resources={"settings": settings, "progress": Silent()},
            raise_on_error=False,
        )

    assert not run().success and letterbox.letters == [], "changed, and no other draft explains it"
    with ReportLog(settings.manifest_db) as log:
        shas = log.files(earlier.report_id) | {pdf.name: hashlib.sha256(pdf.read_bytes()).hexdigest()}
        log.record(later, shas)
    assert run().success and letterbox.addresses == [BOSS]
    assert later.report_id in letterbox.letters[0][1].get_payload()[0].get_payload(decode=True).decode()
