"""What a program, or a component of a provider, may know of the deployment that it runs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a program may ask about the deployment it runs in.

    `root` is the folder of Pulumi.yaml, `folder` the one that the program works in: its relative paths start there.
    """

    organization: str
    project: str
    stack: str
    root: Path
    folder: Path
    config: Mapping[str, str]
    secret_keys: tuple[str, ...]
    parallel: int
