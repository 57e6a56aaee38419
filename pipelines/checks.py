"""What dbt's data tests said of the build under way: counts only, for the build's manifest and the person at the keyboard.

A failing test of severity error never comes this far: it stops the run before anything is published. Which tests there are,
how severe and why is in `dbt_project/`.
"""

from __future__ import annotations

import json
from typing import Any

from pipelines.dbt import manifest_path, target_dir
from pipelines.settings import Settings


def check_results(settings: Settings) -> dict[str, Any]:
    """`passed`: how many tests; `warned`: check, label_ja, reason_ja and failures of each that warns, the most first."""
    nodes = json.loads(manifest_path(settings).read_text(encoding="utf-8"))["nodes"]
    ran = json.loads((target_dir(settings) / "run_results.json").read_text(encoding="utf-8"))["results"]
    tests = [result for result in ran if result["unique_id"].startswith("test.")]
    warned = [
        {
            "check": node["name"],
            "label_ja": node["config"]["meta"]["label_ja"],
            "reason_ja": node["config"]["meta"]["reason"],
            "failures": result["failures"],
        }
        for result in tests
        if result["status"] == "warn"
        for node in [nodes[result["unique_id"]]]
    ]
    passed = sum(result["status"] == "pass" for result in tests)
    return {"passed": passed, "warned": sorted(warned, key=lambda one: (-one["failures"], one["check"]))}
