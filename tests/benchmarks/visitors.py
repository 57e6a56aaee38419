"""People at the dashboard, as WebSocket sessions that speak Streamlit's own messages: open a page, think, choose, go on.

A visitor does what a browser does up to the drawing: it keeps the state of every box, follows the navigation, and waits until
the script is done. Not here: what is measured with it (dashboard.py).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Selectbox_pb2 import Selectbox
from websockets.asyncio.client import ClientConnection, connect

TOO_LONG_SECONDS = 120
MONTH, NEWEST = "表示する月", 12


@dataclass(frozen=True)
class Rerun:
    """One rerun: the page's address (`/` is the front page), what was done, and how long it took."""

    page: str
    action: str
    seconds: float


@dataclass
class Seen:
    """What all visitors saw."""

    reruns: list[Rerun] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)


class Visitor:
    """One session. `pages` are walked in turn from `first` on."""

    def __init__(self, address: str, pages: list[str], first: int, seed: int) -> None:
        self._stream = address.replace("http://", "ws://") + "/_stcore/stream"
        self._pages = pages
        self._turn = first
        self._random = random.Random(seed)  # noqa: S311 - no secret, the same walk every time
        self._hashes: dict[str, str] = {}
        self._boxes: dict[str, Selectbox] = {}
        self._chosen: dict[str, str] = {}
        self._sent: dict[str, ForwardMsg] = {}

    async def stay(self, until: float, think: float, seen: Seen) -> None:
        """Come in some time within the first pause, then walk and choose until the clock says `until`."""
        await asyncio.sleep(self._random.uniform(0, think))
        async with connect(self._stream, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
            await self._rerun(socket, self._pages[0], "open", seen)
            while time.perf_counter() < until:
                await asyncio.sleep(think * self._random.uniform(0.5, 1.5))
                await self._act(socket, seen)

    async def walk(self, seen: Seen) -> None:
        """Open every page once, alone, without a pause."""
        async with connect(self._stream, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
            await self._rerun(socket, self._pages[0], "open", seen)
            for page in self._pages[1:]:
                await self._rerun(socket, page, "go", seen)

    async def _act(self, socket: ClientConnection, seen: Seen) -> None:
        """Every other time another page, else another choice in a box of this one."""
        if self._boxes and self._random.random() < 0.5:
            box = self._box()
            self._chosen[box.id] = self._random.choice(list(box.options)[: NEWEST if box.label == MONTH else None])
            await self._rerun(socket, self._pages[self._turn], "choose", seen)
            return
        self._turn = (self._turn + 1) % len(self._pages)
        await self._rerun(socket, self._pages[self._turn], "go", seen)

    def _box(self) -> Selectbox:
        """Mostly another municipality, KPI or form of the newest month; one time in five another month of the last year."""
        months = [box for box in self._boxes.values() if box.label == MONTH]
        others = [box for box in self._boxes.values() if box.label != MONTH]
        return self._random.choice(months if months and (not others or self._random.random() < 0.2) else others)

    async def _rerun(self, socket: ClientConnection, page: str, action: str, seen: Seen) -> None:
        message = BackMsg()
        state = message.rerun_script
        if action == "choose":
            for key, value in self._chosen.items():
                state.widget_states.widgets.add(id=key, string_value=value)
        else:
            self._chosen.clear()
        if page in self._hashes:
            state.page_script_hash = self._hashes[page]
        else:
            state.page_name = page.strip("/")
        self._boxes.clear()
        began = time.perf_counter()
        await socket.send(message.SerializeToString())
        async with asyncio.timeout(TOO_LONG_SECONDS):
            while not self._is_done(ForwardMsg.FromString(await socket.recv(decode=False)), seen):
                pass
        seen.reruns.append(Rerun(page, action, time.perf_counter() - began))

    def _is_done(self, message: ForwardMsg, seen: Seen) -> bool:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            message, kind = self._sent[message.ref_hash], "delta"
        elif message.hash:
            self._sent[message.hash] = message
        if kind == "navigation":
            self._hashes = {f"/{page.url_pathname}": page.page_script_hash for page in message.navigation.app_pages}
            self._hashes["/"] = next(p.page_script_hash for p in message.navigation.app_pages if p.is_default)
        elif kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "selectbox":
                self._boxes[element.selectbox.id] = element.selectbox
            elif element.WhichOneof("type") == "exception":
                seen.exceptions.append(f"{element.exception.type}: {element.exception.message[:200]}")
        elif kind == "script_finished":
            # A navigation ends the run of the page before; only a run to the end counts.
            return message.script_finished in (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
        return False


async def crowd(addresses: list[str], pages: list[str], sessions: int, seconds: float, think: float) -> Seen:
    """`sessions` visitors, spread evenly over the servers and the pages, for so many seconds."""
    seen, until = Seen(), time.perf_counter() + seconds
    visitors = (
        Visitor(addresses[number % len(addresses)], pages, number // len(addresses) % len(pages), seed=number)
        for number in range(sessions)
    )
    await asyncio.gather(*(visitor.stay(until, think, seen) for visitor in visitors))
    return seen


def quantile(seconds: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def by_page(seen: Seen) -> Iterator[tuple[str, list[float]]]:
    """Page and its seconds, in the order of the pages' first rerun."""
    pages: dict[str, list[float]] = {}
    for rerun in seen.reruns:
        pages.setdefault(rerun.page, []).append(rerun.seconds)
    yield from pages.items()
