"""HTML of cards, tables and banners. Text in, markup out; every text is escaped here and nowhere else.

Here: pure builders. Not here: queries, Streamlit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from dashboards.labels import ABSENT
from dashboards.tables import Cell, Column, Table


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
        f'<div class="ks-card{" ks-main" if card.is_main else ""}" role="listitem">'
        f'<p class="ks-label">{escape(card.label)}</p>'
        f'<p class="ks-figure"><b>{escape(card.figure)}</b><span class="ks-unit">{unit}</span>{share}</p>'
        f'<dl>{changes}</dl><div class="ks-notes">{notes}</div></div>'
    )


def table(of: Table) -> str:
    """A table: numbers right-aligned, a mark with its meaning as a title, the first shown column heads its row."""
    shown = [index for index, column in enumerate(of.columns) if not column.in_file_only]
    head = "".join(f'<th scope="col"{_numeric(of.columns[i])}>{escape(of.columns[i].heading)}</th>' for i in shown)
    body = "".join(
        "<tr>" + "".join(_cell(i == shown[0], of.columns[i], row[i]) for i in shown) + "</tr>" for row in of.rows
    )
    return (
        f'<div class="ks-table" tabindex="0" role="region" aria-label="{escape(of.caption)}"><table>'
        f"<caption>{escape(of.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, of: Table) -> str:
    """A table to be unfolded (print shows it unfolded)."""
    return f'<details class="ks-fold"><summary>{escape(summary)}を表で見る</summary>{table(of)}</details>'


def _cell(is_first: bool, column: Column, cell: Cell) -> str:
    if is_first:
        return f'<th scope="row">{escape(cell.text)}</th>'
    title = f' title="{ABSENT[cell.text]}"' if cell.text in ABSENT else ""
    return f"<td{_numeric(column)}{title}>{escape(cell.text)}</td>"


def _numeric(column: Column) -> str:
    return ' class="ks-n"' if column.numeric else ' class="ks-long"' if column.is_long else ""


def question(text: str) -> str:
    """What the page answers."""
    return f'<p class="ks-question">{escape(text)}</p>'


def figure_name(name: str) -> str:
    """The name over a chart."""
    return f'<h3 class="ks-figure-name">{escape(name)}</h3>'


def chart_height(key: str, pixels: int) -> str:
    """Keeps the room of the chart in the container `key` free until it is drawn."""
    return f"<style>.st-key-{key} {{ min-height: {pixels}px; }}</style>"


def nothing(name: str, why: str) -> str:
    """In the place of a chart that has nothing to show."""
    return f'<div class="ks-nothing" role="note"><strong>{escape(name)}</strong><p>{escape(why)}</p></div>'


def sentences(heading: str, items: Sequence[str]) -> str:
    """A short list of computed sentences."""
    listed = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f'<div class="ks-sentences"><p class="ks-caption">{escape(heading)}</p><ul>{listed}</ul></div>'


def facts(heading: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values in two columns."""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<div class="ks-facts"><p class="ks-caption">{escape(heading)}</p><dl>{items}</dl></div>'


def definition(heading: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Names and sentences, one below the other."""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<div class="ks-definition"><p class="ks-caption">{escape(heading)}</p><dl>{items}</dl></div>'


def status(text: str) -> str:
    """What is shown now, for those who hear the page: spoken when it changes."""
    return f'<div role="status" class="ks-hear">{escape(text)}</div>'


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
