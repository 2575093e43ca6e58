"""Writes the generated SDKs: `python -m sdks.generate`, or `--check` to only say whether they are up to date.

Catalogue -> `schema.json` -> Python. Both are checked in and never edited.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from reconciler.catalog import index
from reconciler.catalog.prefect.settings import SETTINGS
from sdks.python_source import sources
from sdks.schema import package_schema

VERSION = "0.1.0"
FOLDER = Path(__file__).parent / "prefect"

PYPROJECT = f"""\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "pulumi_prefect"
version = "{VERSION}"
description = "Manage Prefect as code: the Python SDK of the Prefect provider"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["pulumi>=3.165,<4", "semver>=2.8.1"]

[tool.setuptools.packages.find]
include = ["pulumi_prefect*"]

[tool.setuptools.package-data]
pulumi_prefect = ["py.typed", "pulumi-plugin.json"]
"""


def files() -> dict[Path, str]:
    """Every generated file with its content."""
    kinds = index.kinds("prefect").values()
    schema = package_schema("prefect", VERSION, kinds, [setting.field for setting in SETTINGS])
    package = FOLDER / "pulumi_prefect"
    return {
        FOLDER / "schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
        FOLDER / "pyproject.toml": PYPROJECT,
        FOLDER / "README.md": _readme(schema),
        **{package / name: content for name, content in sources(schema).items()},
    }


def main(arguments: list[str]) -> int:
    """Write what differs, and remove what is no longer generated."""
    wanted = files()
    lagging = [path for path, content in wanted.items() if not path.exists() or path.read_text() != content]
    stray = [path for path in (FOLDER / "pulumi_prefect").glob("*.py") if path not in wanted]
    if arguments == ["--check"]:
        for path in (*lagging, *stray):
            sys.stdout.write(
                f"{path.relative_to(FOLDER.parent.parent)} is not what the catalogue says; run `make sdk`\n"
            )
        return 1 if lagging or stray else 0
    for path in lagging:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    for path in stray:
        path.unlink()
    sys.stdout.write(f"{len(lagging)} of {len(wanted)} files written\n")
    return 0


def _readme(schema: dict[str, object]) -> str:
    resources = schema["resources"]
    assert isinstance(resources, dict)
    rows = [f"| `{token.rpartition(':')[2]}` | {resource['description']} |" for token, resource in resources.items()]
    return "\n".join([
        "# pulumi_prefect", "", "The Python SDK of the Prefect provider, generated from `schema.json`.", "",
        "```python", "import pulumi_prefect as prefect", "",
        'pool = prefect.WorkPool("pool", name="flows", type="process")',
        'flow = prefect.Flow("load", name="load-flights")',
        "prefect.Deployment(", '    "load",', '    name="dev",', "    flow_id=flow.flow_id,",
        '    entrypoint="flows/load_flights.py:load_flights",', "    work_pool_name=pool.name,",
        "    work_pool_id=pool.pool_id,", '    parameters={"database": "RAW_DEV"},', ")", "```", "",
        "| resource | what it is |", "|---|---|", *rows, "",
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
