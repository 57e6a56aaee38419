"""The quality page says what the gate said: in Japanese, offline, without any value of a row."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from pipelines.intake.manifest import Manifest
from pipelines.quality import write_quality_page
from pipelines.settings import Settings
from tests.factories.clerks import CONTRACTS, NOW, Clerks, cases, consultations

CASE, CONSULTATION = "川越市_case_2024-05.csv", "川越市_consultation_2024-05.csv"
SECRETS = ("PLANTED", "U-7", "K-1", "13月")


@pytest.fixture
def clerks(settings: Settings) -> Clerks:
    return Clerks(settings)


class Page(HTMLParser):
    """Texts of the table rows, tags and attributes of a page; fails when a tag is not closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in {"td", "th"}:
            self.rows[-1].append(data)


def page_of(clerks: Clerks) -> tuple[Page, str]:
    text = write_quality_page(clerks.settings).read_text(encoding="utf-8")
    return Page(text), text


def send_some(clerks: Clerks) -> None:
    rows = consultations("2024-05", *(f"U-{at}" for at in range(7)))
    bad = consultations("令和6年13月", "U-7").splitlines()[1].replace("U-7", "PLANTED")
    clerks.put(CONSULTATION, rows + bad + "\n")
    clerks.put(CASE, cases("K-1", "K-2", consultation_no="U-9", planned_ym="2024-05"))
    clerks.put("川越市_謎の様式_2024-05.csv", rows)
    clerks.run()


def test_it_counts_what_the_gate_found(clerks: Clerks) -> None:
    send_some(clerks)
    page, text = page_of(clerks)
    label = CONTRACTS["consultation"].column("received_ym").label_ja
    unread = next(row for row in page.rows if row[0] == label and "読み取れません" in row[1] and len(row) == 6)
    assert unread[3:] == ["8", "1", "12.5%"]
    plan = CONTRACTS["case"].column("assessed_ym").label_ja
    assert next(row for row in page.rows if row[0] == plan and row[-1] == "1" and len(row) == 4)[2].startswith("注意")
    assert any(row[:2] == ["川越市 支援ケース台帳 2024-05 (川越市_case_2024-05.csv)", "受付番号"] for row in page.rows)
    assert "3行目" in text and "どの様式か分かりません" in text


def test_every_check_of_a_form_is_listed_also_where_nothing_failed(clerks: Clerks) -> None:
    from expectations.suites import checks

    clerks.put(CASE, cases("K-1"))
    clerks.run()
    page, text = page_of(clerks)
    listed = [row for row in page.rows if len(row) == 6 and row[0] != "項目"]
    assert len(listed) == len(
        {str((c.rule, c.column, sorted(map(str, c.params.items())))) for c in checks(CONTRACTS["case"])}
    )
    assert {row[4] for row in listed} == {"0"} and "誤りや注意のある提出はありません" in text


def test_no_value_and_no_request_leaves_it(clerks: Clerks) -> None:
    send_some(clerks)
    page, text = page_of(clerks)
    assert [word for word in SECRETS if word in text] == []
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    assert re.search(r"https?:|url\(|@import", text) is None


def test_it_can_be_read_with_a_screen_reader(clerks: Clerks) -> None:
    send_some(clerks)
    page, _ = page_of(clerks)
    assert ("lang", "ja") in page.attributes and page.tags.count("h1") == 1
    assert page.tags.count("caption") == page.tags.count("table") == page.tags.count("thead") > 3
    assert page.attributes.count(("scope", "row")) >= sum(len(row) > 0 for row in page.rows) - page.tags.count("thead")


def test_a_file_name_cannot_become_markup(clerks: Clerks) -> None:
    clerks.put("川越市_case_2024-05_<b>&.csv", "壊れた")
    clerks.run()
    page, text = page_of(clerks)
    assert "b" not in page.tags and "&lt;b&gt;&amp;" in text


def test_it_is_of_the_last_gate_and_made_again_without_judging(clerks: Clerks) -> None:
    send_some(clerks)
    clerks.put("熊谷市_case_2024-05.csv", cases("K-1"))
    clerks.run(NOW + timedelta(days=1))
    clerks.run(NOW + timedelta(days=2))  # nothing new: the last gate is that of the day before
    with Manifest(clerks.settings.manifest_db) as manifest:
        (judged,) = manifest.last_gate().values()
    assert (judged.judged_at, judged.rows) == (NOW + timedelta(days=1), 1)
    _, text = page_of(clerks)
    assert "2024年8月11日" in text and CONSULTATION not in text
    assert "参照先のない番号" in text  # that stands, whichever run found it
    for path in clerks.settings.lake_dir.rglob("*.parquet"):
        path.unlink()
    assert page_of(clerks)[1] == text


def test_a_home_that_has_judged_nothing_gets_a_page_that_says_so(clerks: Clerks) -> None:
    assert "まだ検査した提出がありません" in page_of(clerks)[1]
