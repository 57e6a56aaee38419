"""HTML of cards, tables and banners. Text in, markup out; every text is escaped here and nowhere else.

Here: pure builders. Not here: queries, Streamlit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from dashboards.labels import ABSENT


@dataclass(frozen=True)
class Card:
    """One KPI as a person reads it. `changes`: (against what, how much); `notes` stand below in small type."""

    label: str
    figure: str
    unit: str = ""
    share: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    is_main: bool = False


def cards(items: Iterable[Card], *, columns: int) -> str:
    """A grid of cards, `columns` a row on a wide screen."""
    return f'<div class="ks-cards ks-by-{columns}" role="list">{"".join(_card(item) for item in items)}</div>'


def _card(card: Card) -> str:
    absent = ABSENT.get(card.figure)
    unit = escape(f"({absent})" if absent else card.unit)
    share = f'<span class="ks-share">{escape(card.share)}</span>' if card.share else ""
    changes = "".join(f"<div><dt>{escape(to)}</dt><dd>{escape(text)}</dd></div>" for to, text in card.changes)
    notes = "".join(f"<p>{escape(note)}</p>" for note in card.notes)
    return (
        f'<section class="ks-card{" ks-main" if card.is_main else ""}" role="listitem">'
        f'<p class="ks-label">{escape(card.label)}</p>'
        f'<p class="ks-figure"><b>{escape(card.figure)}</b><span class="ks-unit">{unit}</span>{share}</p>'
        f'<dl>{changes}</dl><div class="ks-notes">{notes}</div></section>'
    )


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: Sequence[int] = ()) -> str:
    """A table, `numeric` columns right-aligned; a mark gets its meaning as a title; the first column heads its row."""
    head = "".join(f'<th scope="col"{_numeric(i, numeric)}>{escape(name)}</th>' for i, name in enumerate(columns))
    body = "".join("<tr>" + "".join(_cell(i, text, numeric) for i, text in enumerate(row)) + "</tr>" for row in rows)
    return (
        f'<div class="ks-table" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(index: int, text: str, numeric: Sequence[int]) -> str:
    if index == 0:
        return f'<th scope="row">{escape(text)}</th>'
    title = f' title="{ABSENT[text]}"' if text in ABSENT else ""
    return f"<td{_numeric(index, numeric)}{title}>{escape(text)}</td>"


def _numeric(index: int, numeric: Sequence[int]) -> str:
    return ' class="ks-n"' if index in numeric else ""


def lead(sentences: Sequence[str]) -> str:
    """The statement a page opens with: the first sentence large, the rest below."""
    rest = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences[1:])
    return f'<div class="ks-lead"><p class="ks-first">{escape(sentences[0])}</p>{rest}</div>'


def small_print(lines: Iterable[str]) -> str:
    """Sources, data month and explanations under a figure."""
    return f'<div class="ks-small">{"".join(f"<p>{escape(line)}</p>" for line in lines if line)}</div>'


def band(facts: Iterable[tuple[str, str]], home: str) -> str:
    """The line over every page: whose warehouse this is, and which edition one looks at."""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return f'<div class="ks-band"><p class="ks-home">{escape(home)}</p><dl>{items}</dl></div>'


def warning_banner(title: str, text: str) -> str:
    """The banner nobody can overlook."""
    return f'<div class="ks-banner" role="note"><strong>{escape(title)}</strong><span>{escape(text)}</span></div>'
