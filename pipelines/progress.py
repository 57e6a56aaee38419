"""How a run tells the person who started it how far it is. Knows nothing of what the stages do."""

from __future__ import annotations

import time
from typing import Protocol

from rich.console import Console
from rich.status import Status


class Progress(Protocol):
    """Told at the start of each stage, and within it as work gets done."""

    def stage(self, name_ja: str) -> None:
        """A new stage begins; the one before is done."""
        ...

    def advance(self, done: int, total: int) -> None:
        """So much of the stage's work is done."""
        ...


class Silent:
    """For schedulers and tests: says nothing."""

    def stage(self, name_ja: str) -> None:
        """Nothing to say."""

    def advance(self, done: int, total: int) -> None:
        """Nothing to say."""


class OnConsole:
    """One line a stage, with the seconds it took; a spinner with a count while it runs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._name = ""
        self._began = 0.0

    def stage(self, name_ja: str) -> None:
        """Close the line of the stage before and open a new one."""
        self.close()
        self._name, self._began = name_ja, time.monotonic()
        self._status = self._console.status(name_ja)
        self._status.start()

    def advance(self, done: int, total: int) -> None:
        """Show the count beside the stage's name."""
        if self._status is not None:
            self._status.update(f"{self._name} {done:,}/{total:,}")

    def close(self, *, failed: bool = False) -> None:
        """End the last stage's line."""
        if self._status is not None:
            self._status.stop()
            mark = "[red]✗[/red]" if failed else "[green]✓[/green]"
            self._console.print(f"{mark} {self._name} [dim]{time.monotonic() - self._began:.1f} 秒[/dim]")
            self._status = None
