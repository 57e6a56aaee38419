"""Published build → the month's reports, their delivery, the advisers' briefings, and the reminder of what is missing."""

from datetime import date, datetime

import dagster as dg

from pipelines.assets.publish import PUBLISHED
from pipelines.deadlines import NotKnown
from pipelines.delivery import Sending, deliver, deliver_draft, remind
from pipelines.delivery_mail import post_of
from pipelines.partitions import MONTHLY
from pipelines.progress import Progress
from pipelines.report_files import NotAsMade
from pipelines.report_log import Report, ReportLog
from pipelines.reporting import ReportFailed, build_as_of, make_documents, make_report
from pipelines.settings import TIME_ZONE, Settings

MONTHLY_REPORT = dg.AssetKey(["report", "monthly"])
DELIVERED = dg.AssetKey(["report", "delivered"])
BRIEFINGS = dg.AssetKey(["report", "briefings"])
REMINDED = dg.AssetKey(["report", "reminded"])
# Of a full disk or a mail server that is away for a while; what cannot pass by itself is not tried again.
AGAIN = dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL)


class ReportOf(dg.Config):
    """`as_of`: ISO time; the report is made of the build of what was known then, and not of the one in force."""

    as_of: str | None = None


@dg.asset(key=MONTHLY_REPORT, deps=[PUBLISHED], partitions_def=MONTHLY, group_name="report", retry_policy=AGAIN)
def monthly_report(
    context: dg.AssetExecutionContext,
    config: ReportOf,
    settings: dg.ResourceParam[Settings],
    progress: dg.ResourceParam[Progress],
) -> dg.MaterializeResult:
    """月次報告を、設定した閲覧区分ごとに作り、下書きとして記録する。"""
    progress.stage("月次報告")
    build = build_as_of(settings, datetime.fromisoformat(config.as_of)) if config.as_of else None
    made: list[Report] = []
    for audience in settings.report_audiences:
        try:
            report, _ = make_report(
                settings,
                month=_month(context),
                audience=audience,
                at=datetime.now(TIME_ZONE),
                origin="schedule" if config.as_of else "hand",
                build=build,
                on_progress=progress.advance,
            )
        except ReportFailed as failed:
            raise dg.Failure(str(failed), allow_retries=failed.may_pass) from None
        made.append(report)
    return dg.MaterializeResult(
        metadata={"reports": [one.report_id for one in made], "builds": sorted({one.build_id for one in made})}
    )


@dg.asset(key=DELIVERED, deps=[MONTHLY_REPORT], partitions_def=MONTHLY, group_name="report", retry_policy=AGAIN)
def report_delivered(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], progress: dg.ResourceParam[Progress]
) -> dg.MaterializeResult:
    """承認済みの報告を配布し、自動で作った下書きは承認者だけに送る。同じものは二度送らない。"""
    progress.stage("配布")
    now, post = datetime.now(TIME_ZONE), post_of(settings)
    with ReportLog(settings.manifest_db) as log:
        reports = [report for report in log.reports() if report.month == _month(context)]
    standing = {report.folder: report for report in reversed(reports)}  # a later draft takes the folder of an earlier
    sendings: list[Sending] = []
    changed: list[str] = []
    for report in reports:
        try:
            if report.approved_at is not None:
                sendings += deliver(settings, report, post, at=now)
            elif report.origin == "schedule" and standing[report.folder] is report:
                sendings += deliver_draft(settings, report, post, at=now)
        except NotAsMade as trouble:  # the others go out all the same
            changed.append(str(trouble))
    if changed:
        raise dg.Failure("\n".join(changed), allow_retries=False)
    return _told(sendings)


@dg.asset(key=BRIEFINGS, deps=[PUBLISHED], partitions_def=MONTHLY, group_name="report", retry_policy=AGAIN)
def briefings(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], progress: dg.ResourceParam[Progress]
) -> dg.MaterializeResult:
    """全市町村のアドバイザー派遣ブリーフィングを、表示中の版から作る。"""
    progress.stage("ブリーフィング")
    try:
        folder, made = make_documents(
            settings, "briefing", month=_month(context), audience="adviser", on_progress=progress.advance
        )
    except ReportFailed as failed:
        raise dg.Failure(str(failed), allow_retries=failed.may_pass) from None
    return dg.MaterializeResult(
        metadata={"documents": len(made), "new": sum(one.is_new for one in made), "folder": str(folder)}
    )


@dg.asset(key=REMINDED, deps=[PUBLISHED], partitions_def=MONTHLY, group_name="report", retry_policy=AGAIN)
def submissions_reminded(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], progress: dg.ResourceParam[Progress]
) -> dg.MaterializeResult:
    """まだ届いていない様式のある市町村に、提出のお願いを書き、宛先が分かれば送る。"""
    progress.stage("提出のお願い")
    try:
        sendings = remind(settings, _month(context), post_of(settings), at=datetime.now(TIME_ZONE))
    except NotKnown as unknown:
        raise dg.Failure(str(unknown), allow_retries=False) from None
    return _told(sendings)


def _month(context: dg.AssetExecutionContext) -> date:
    return date.fromisoformat(context.partition_key + "-01")


def _told(sendings: list[Sending]) -> dg.MaterializeResult:
    """How many ended how; a failed one makes the asset red. Addresses stay in the manifest."""
    counted = {outcome: 0 for outcome in sorted({one.outcome for one in sendings})}
    for one in sendings:
        counted[one.outcome] += 1
    reasons = sorted({one.reason for one in sendings if one.outcome == "failed" and one.reason})
    if reasons:
        raise dg.Failure("送れなかったものがあります: " + "、".join(reasons), metadata=counted)
    return dg.MaterializeResult(metadata=counted)
