"""From a model to the sources it is made of, as dbt's manifest tells it. What the rows say does not belong here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.dbt import manifest_path
from pipelines.settings import Settings

ROOT = "model.kasane."
_LAKE = "source.kasane.lake."


@dataclass(frozen=True)
class Step:
    """One model or source on the way down. `depth` 0 is the model asked for; a step met before is not gone down again."""

    depth: int
    name: str
    layer: str
    description: str
    met_before: bool


class Lineage:
    """dbt's manifest of a home; parsed anew when a model changed. Raises DbtFailed."""

    def __init__(self, settings: Settings) -> None:
        manifest = json.loads(manifest_path(settings).read_text(encoding="utf-8"))
        self._nodes: dict[str, dict[str, Any]] = manifest["nodes"] | manifest["sources"]
        self._parents: dict[str, list[str]] = manifest["parent_map"]

    def chain(self, model: str) -> list[Step]:
        """The model and everything below it, depth first, in the order in which it is read."""
        return list(self._walk(ROOT + model, 0, set()))

    def forms(self, model: str) -> set[str]:
        """The forms a model reads, however far below."""
        return {key.removeprefix(_LAKE) for key in self._below(ROOT + model) if key.startswith(_LAKE)}

    def histories(self, model: str) -> set[str]:
        """Of these, the forms of which it reads other months than its own: what a key or a town told at any time."""
        found = {self._nodes[key]["config"].get("meta", {}).get("history_of") for key in self._below(ROOT + model)}
        return found - {None}

    def _below(self, key: str) -> set[str]:
        found, waiting = set[str](), [key]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self._parents.get(one, [])
        return found

    def _walk(self, key: str, depth: int, met: set[str]) -> Iterator[Step]:
        node = self._nodes[key]
        source = key.startswith("source.")
        name = f"{node['source_name']}.{node['name']}" if source else node["name"]
        layer = "source" if source else "/".join(node["fqn"][1:-1])
        yield Step(depth, name, layer, node["description"], key in met)
        if key in met:
            return
        met.add(key)
        for parent in self._parents.get(key, []):
            yield from self._walk(parent, depth + 1, met)
