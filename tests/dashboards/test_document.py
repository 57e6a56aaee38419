"""The document around the app is ours before any script runs: language, title, font, style, the parts every page needs."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from dashboards import theme
from dashboards.addresses import FRONT, PAGES
from dashboards.app_pages import GROUPS
from dashboards.document import OurDocument, early_scripts, rewritten

THEIRS = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


def test_streamlits_document_is_made_ours() -> None:
    ours = rewritten(THEIRS)
    assert '<html lang="ja">' in ours and 'lang="en"' not in ours
    assert "<title>重ね Kasane</title>" in ours
    assert "SourceSans" not in ours and "kasane-sans-400-core.woff2" in ours
    assert theme.css_variables() in ours.split("<body>")[1] and ".ks-card" in ours
    assert "http" not in ours.replace(THEIRS.split("-->")[0], ""), "nothing is fetched from elsewhere"


@pytest.mark.parametrize("part", ["Html", "Selectbox", "TextInput", "DownloadButton"])
def test_every_early_script_is_there(part: str) -> None:
    assert [name for name in early_scripts() if name.startswith(f"{part}.")]


async def _theirs(scope: Scope, receive: Receive, send: Send) -> None:
    """Says which headers it was asked with, in the form it was asked for."""
    asked = {name.decode(): value.decode() for name, value in scope["headers"]}
    answer = HTMLResponse if asked.get("accept") == "text/html" else PlainTextResponse
    await answer(f'<html lang="en"><body>{sorted(asked)}</body></html>')(scope, receive, send)


def _answer(headers: dict[str, str], path: str = "/gap") -> tuple[int, str]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    asked = OurDocument(_theirs)({"type": "http", "method": "GET", "path": path, "headers": raw}, receive, send)
    # In a thread of its own: the browser tests leave a running loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asked).result()
    body = b"".join(message.get("body", b"") for message in sent)
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(body)).encode()
    return sent[0]["status"], body.decode()


def test_only_the_document_is_touched_and_never_compared_with_theirs() -> None:
    copies = {"accept-encoding": "gzip", "if-none-match": "theirs"}
    status, document = _answer(copies | {"accept": "text/html"})
    assert status == 200 and document.startswith('<html lang="ja">') and "['accept']" in document
    status, other = _answer(copies | {"accept": "*/*"}, "/no-page")
    assert status == 200 and other.startswith('<html lang="en">') and "accept-encoding" in other


def test_every_page_has_its_address_and_others_are_said_not_to_exist() -> None:
    pages = [module.__name__.rpartition(".")[2] for modules in GROUPS.values() for module in modules]
    assert pages[0] == FRONT and {"", *pages[1:]} == PAGES
    for path in ("/gap_needs", "/gap/more", "/progress", "/<script>"):
        status, document = _answer({"accept": "text/html"}, path)
        assert status == 404 and "このアドレスの画面はありません" in document and "<script>" not in document
