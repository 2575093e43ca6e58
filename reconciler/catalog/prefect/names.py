"""Rules on names that the Prefect kinds share."""

from __future__ import annotations

from typing import Final

from reconciler.catalog import spec

# Source: facts/prefect-provider.md §3. A slash makes the server answer 500, so that it is worth checking here.
NAME: Final = spec.Text(min_length=1, pattern=r"[^/%&><]+", expects='a name without any of "/%&><"')
TAGS: Final = spec.Field("tags", spec.SetOf(spec.TEXT), default=(), doc="Tags, whose order means nothing.")
UUID: Final = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
