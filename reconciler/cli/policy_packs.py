"""`--policy-pack` and what goes with it: the policy packs that a preview or an update obeys."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from reconciler import errors
from reconciler.cli.flags import flag

if TYPE_CHECKING:
    from reconciler.policies.manifests import Pack

P = ParamSpec("P")
R = TypeVar("R")


def policy_flags(command: Callable[P, R]) -> Callable[P, R]:
    """Add the flags of verbs that may obey policy packs."""
    for decorator in reversed(
        (
            flag("--policy-pack", multiple=True, metavar="PATH", help="Obey the policy pack in this folder."),
            flag("--policy-pack-config", multiple=True, metavar="PATH",
                 help="JSON file with levels and settings for the pack of the --policy-pack at the same place."),
            flag("--show-policy-remediations", is_flag=True, help="Show each change that a policy made by itself."),
        )
    ):  # fmt: skip
        command = decorator(command)
    return command


def find_packs(paths: Sequence[str], configs: Sequence[str], directory: Path, python: str) -> tuple[Pack, ...]:
    """The packs that a command line names; nothing is started.

    Args:
        directory: where relative paths begin.
        python: what runs a pack that names no Python and brings none.

    Raises:
        UsageError: the flags do not match each other.
        PolicyPackError: there is no such pack, or it cannot be used.
    """
    paths, configs = _split(paths), _split(configs)
    if configs and not paths:
        raise errors.UsageError('"--policy-pack-config" must be specified with "--policy-pack"')
    if configs and len(configs) != len(paths):
        raise errors.UsageError(
            'the number of "--policy-pack-config" flags must match the number of "--policy-pack" flags'
        )
    if not paths:
        return ()
    from reconciler.policies.manifests import find_pack  # Only who asks for packs pays for them.

    files = [directory / config for config in configs]
    return tuple(
        find_pack(path, (directory / path).resolve(), file, python) for path, file in zip_longest(paths, files)
    )


def _split(given: Sequence[str]) -> list[str]:
    """Several may be given at once, with commas, as upstream takes them."""
    return [part for text in given for part in next(csv.reader([text]), [])]
