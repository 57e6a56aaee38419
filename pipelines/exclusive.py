"""One writer at a time in a home. Whoever reads (dashboard, lists, exports) needs no turn.

Two runs at once (the inbox sensor's and one by hand) would each rewrite lake files without the other's rows.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipelines.settings import Settings


@contextmanager
def only_writer(settings: Settings, on_wait: Callable[[], object]) -> Iterator[None]:
    """Hold the home until the block ends; while another process does, call `on_wait` once and wait for it.

    The system lets go of the lock when its process ends, however it ends.
    """
    settings.root.mkdir(parents=True, exist_ok=True)
    with settings.lock_file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
