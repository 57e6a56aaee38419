"""Shares work with other processes: one function over many items, the results in the order of the items.

Other processes cost a second or two of imports each, so few items are worked on here. What the work is does not belong here.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from types import TracebackType
from typing import Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2
"""Chunks a process that are worked on or wait to be taken: more would pile results up in memory."""


class CrewLost(RuntimeError):
    """A process of the crew was ended from outside, most often for want of memory. Nothing of its portion is committed."""


class Crew:
    """As many processes as there are cores, or none: then `map` works here. Processes start with the first work."""

    def __init__(self, *, shares: bool) -> None:
        """`shares`: whether there is enough to do for more than this process."""
        self._hands = (os.cpu_count() or 1) if shares else 1
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[[Item], Result], items: Iterable[Item], *, chunk: int) -> Iterator[Result]:
        """Results in the order of the items. `function`, items and results are pickled, `chunk` items at a time.

        Items are taken as they are needed. Raises what `function` raises, and CrewLost.
        """
        if self._hands == 1:
            yield from map(function, items)
            return
        if self._pool is None:
            # Not forked: this process has threads (Arrow's, Dagster's) whose locks a fork would copy as they stand.
            self._pool = ProcessPoolExecutor(self._hands, get_context("spawn"), _end_with_parent)
        waiting: deque[Future[list[Result]]] = deque()
        remaining = iter(items)
        try:
            while taken := list(islice(remaining, chunk)):
                waiting.append(self._pool.submit(_each, function, taken))
                if len(waiting) == _AHEAD * self._hands:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool as lost:
            raise CrewLost(
                "作業の途中でプロセスが止められました(メモリー不足など)。もう一度実行してください。"
            ) from lost


def _each(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [function(item) for item in items]


def _end_with_parent() -> None:
    """A killed parent tells nobody; without this its crew would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
