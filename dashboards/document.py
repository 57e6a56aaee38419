"""The HTML document around the app: Japanese, in our look and our font from the first byte.

Streamlit's own says English and knows nothing of our style; what a script adds later moves what already stands. And it is sent
for every address: where there is no page, ours says so. Not here: the look itself (theme.py, components/style.css), the app.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards import theme
from dashboards.addresses import has_page

_STYLE = Path(__file__).resolve().parent / "components" / "style.css"
_SCRIPTS = Path(streamlit.__file__).parent / "static" / "static" / "js"
# Streamlit loads these only when it meets one, and shows a bar of another height meanwhile: we load them first.
_PARTS = ("Html", "Selectbox", "TextInput", "DownloadButton")
_FONTS = "app/static/kasane-sans-400-core.woff2", "app/static/kasane-sans-700-core.woff2"


# What we send is not what Streamlit's file is: neither its compressed form nor its unchanged state says anything about ours.
_ABOUT_THEIR_COPY = (b"accept-encoding", b"if-none-match", b"if-modified-since")


class OurDocument:
    """ASGI middleware: rewrites the one HTML page Streamlit serves, passes everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
            await self._app(scope, receive, send)
            return
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in _ABOUT_THEIR_COPY]}
        start: Message = {}
        body = b""

        async def ours(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif start and message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body"):
                    if not has_page(scope["path"]):
                        start["status"], body = 404, body and no_such_page().encode("utf-8")
                    elif body:
                        body = rewritten(body.decode("utf-8")).encode("utf-8")
                    if body:
                        MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
                    await send(start)
                    await send({"type": "http.response.body", "body": body})
            else:
                await send(message)

        await self._app(scope, receive, ours)


def _is_html(start: Message) -> bool:
    return MutableHeaders(raw=start["headers"]).get("content-type", "").startswith("text/html")


@lru_cache(maxsize=2)
def rewritten(document: str) -> str:
    """Streamlit's document as ours. At its end the style wins over Streamlit's, which comes into the head later."""
    fonts = "".join(f'<link rel="preload" href="./{url}" as="font" type="font/woff2" crossorigin>' for url in _FONTS)
    parts = "".join(f"import('./static/js/{name}');" for name in early_scripts())
    head = f'{fonts}<link rel="stylesheet" href="./app/static/fonts.css"><script type="module">{parts}</script>'
    document = document.replace('<html lang="en">', '<html lang="ja">').replace(
        "<title>Streamlit</title>", "<title>重ね Kasane</title>"
    )
    document = re.sub(r'<link\s+rel="preload"[^>]*?\.woff2"[^>]*?>', "", document)  # a font nobody sees here
    return document.replace("</head>", f"{head}</head>").replace("</body>", f"{_style()}</body>")


@lru_cache(maxsize=1)
def no_such_page() -> str:
    """What is shown at an address without a page. The address itself is not repeated: it may hold anything."""
    return (
        '<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>画面がありません|重ね Kasane</title><link rel="stylesheet" href="/app/static/fonts.css">{_style()}</head>'
        '<body class="stApp ks-alone"><main><h1>このアドレスの画面はありません</h1>'
        "<p>アドレスが変わったか、打ち間違いかもしれません。目次から選び直してください。</p>"
        '<p><a href="/">はじめの画面(目次のある画面)へ</a></p></main></body></html>'
    )


def _style() -> str:
    return f"<style>.stApp {{ {theme.css_variables()} }}\n{_STYLE.read_text(encoding='utf-8')}</style>"


def early_scripts() -> list[str]:
    """File names of the parts of Streamlit's page every page of ours needs."""
    return sorted(path.name for part in _PARTS for path in _SCRIPTS.glob(f"{part}.*.js"))
