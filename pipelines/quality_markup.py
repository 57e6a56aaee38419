"""HTML of the quality page: tables, sections and the page around them. Every text is escaped here and nowhere else.

Nothing is asked from outside: the style stands in the page, and its policy forbids everything else. What is said belongs to
`quality.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Cell = str | int

_STYLE = """
:root { color-scheme: light; }
body { font-family: "Noto Sans JP", "Hiragino Sans", "Yu Gothic", Meiryo, sans-serif; color: #1a1a1c; background: #fff;
  line-height: 1.7; max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; border-bottom: 2px solid #00508c; padding-bottom: .2rem; }
details { margin: .5rem 0; } summary { cursor: pointer; padding: .3rem 0; font-weight: bold; }
summary:focus-visible { outline: 3px solid #00508c; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0 1rem; min-width: 24rem; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border: 1px solid #767676; padding: .3rem .6rem; text-align: left; vertical-align: top; }
thead th { background: #e8f1f8; }
tbody th { font-weight: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { details > * { display: block; } }
"""


def page(title: str, blocks: Sequence[str]) -> str:
    """The whole document."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="ja">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n"
        + "\n".join(blocks)
        + "\n</main>\n</body>\n</html>\n"
    )


def section(title: str, *blocks: str) -> str:
    """A part of the page with its heading."""
    return f"<section>\n<h2>{escape(title)}</h2>\n" + "\n".join(blocks) + "\n</section>"


def paragraph(text: str) -> str:
    """One paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def details(summary: str, *blocks: str, is_open: bool) -> str:
    """Something to unfold."""
    state = " open" if is_open else ""
    return f"<details{state}>\n<summary>{escape(summary)}</summary>\n" + "\n".join(blocks) + "\n</details>"


def table(caption: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table whose first column names its rows. Numbers are grouped by thousands and stand to the right."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in header)
    body = "\n".join("<tr>" + "".join(_cell(cell, at == 0) for at, cell in enumerate(row)) + "</tr>" for row in rows)
    return (
        f'<div class="wide" role="region" aria-label="{escape(caption)}" tabindex="0">\n<table>\n'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def _cell(cell: Cell, names_the_row: bool) -> str:
    if isinstance(cell, int):
        return f'<td class="number">{cell:,}</td>'
    return f'<th scope="row">{escape(cell)}</th>' if names_the_row else f"<td>{escape(cell)}</td>"
