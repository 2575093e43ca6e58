"""What the selected stack says of itself, asked of the `pulumi` command."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import cast


def read_outputs() -> Mapping[str, object]:
    """The stack's outputs, without secrets."""
    return _ask("stack", "output", "--json")


def read_resources() -> tuple[Mapping[str, object], ...]:
    """The resources in the stack's state, as `pulumi stack export` gives them."""
    deployment = cast("Mapping[str, object]", _ask("stack", "export")["deployment"])
    return tuple(cast("list[Mapping[str, object]]", deployment.get("resources", [])))


def _ask(*arguments: str) -> Mapping[str, object]:
    answer = subprocess.run(["pulumi", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
    return cast("Mapping[str, object]", json.loads(answer))
