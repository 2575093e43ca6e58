"""Prints what stands: resources by provider, the last load, the layers, where to look and what to try next."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from scripts.stack import read_outputs, read_resources

# The name that the flow gives its artifact.
ARTIFACT = "load-flights"
NEXT_STEPS = (
    (". scripts/env.sh", "gives your shell this clone's `pulumi`"),
    ("pulumi config set --path warehouses.load.size SMALL", "changes a setting"),
    ("pulumi preview", "shows what that means"),
    ("make up", "makes it so"),
    ("make down", "stops the sandbox"),
)


def count_by_provider(resources: Iterable[Mapping[str, object]]) -> Mapping[str, int]:
    """Package name -> number of its resources, by name; the stack and the providers themselves are not counted.

    >>> count_by_provider([{"type": "aws:s3/bucket:Bucket"}, {"type": "pulumi:providers:aws"}])
    {'aws': 1}
    """
    packages = Counter(str(resource["type"]).partition(":")[0] for resource in resources)
    return {package: number for package, number in sorted(packages.items()) if package != "pulumi"}


def read_layers(api: httpx.Client) -> tuple[tuple[str, int], ...]:
    """What the last load left behind: (table, rows), as its artifact says; () when there was none."""
    answer = api.get(f"/artifacts/{ARTIFACT}/latest")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return ()
    data: Any = answer.raise_for_status().json()["data"]
    rows = json.loads(data) if isinstance(data, str) else data
    return tuple((str(row["table"]), int(row["rows"])) for row in rows)


def render(providers: Mapping[str, int], layers: Iterable[tuple[str, int]], prefect_url: str) -> Table:
    """The table that ends `make up`."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(justify="right")
    for package, number in providers.items():
        table.add_row(f"{package} resources", f"{number:,}")
    for name, rows in layers:
        table.add_row(name, f"{rows:,}")
    table.add_row("Prefect", prefect_url.removesuffix("/api"))
    return table


def main() -> None:
    """Print the summary of the selected stack."""
    prefect_url = str(read_outputs()["prefectUrl"])
    with httpx.Client(base_url=prefect_url, timeout=30) as api:
        layers = read_layers(api)
    console = Console(highlight=False)
    console.print()
    console.print(render(count_by_provider(read_resources()), layers, prefect_url))
    console.print("\nNext", style="bold")
    width = max(len(command) for command, _ in NEXT_STEPS)
    for command, what in NEXT_STEPS:
        # Plain lines: a narrow terminal may break them, but never a command in the middle.
        console.print(f"  {command.ljust(width)}  {what}", soft_wrap=True)


if __name__ == "__main__":
    main()
