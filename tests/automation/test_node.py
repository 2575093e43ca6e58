"""A second client that no one here wrote: the Node.js Automation API drives this CLI on a Python project.

Its package is installed once per version, outside the tree; one Node process plays all scenarios.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NODE = Path(__file__).parent / "node"
SCENARIOS = re.findall(r'^    async "(.+)"\(\) {$', (NODE / "scenarios.mjs").read_text(encoding="utf-8"), re.MULTILINE)
WITHOUT = "TEST_WITHOUT_NODE"


@pytest.fixture(scope="module")
def modules() -> Path:
    """The folder with `node_modules`; what was installed for an equal package.json is used again."""
    if os.environ.get(WITHOUT):
        pytest.skip(f"{WITHOUT} is set")
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail(
            "Node.js and npm are needed to test against the Node.js Automation API: put both on the PATH,"
            f" or set {WITHOUT}=1 to leave these tests out"
        )
    package = (NODE / "package.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowforge-tests"
    folder = cache / f"node-{hashlib.sha256(package).hexdigest()[:16]}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="installing-", dir=cache))
        (fresh / "package.json").write_bytes(package)
        line = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        line += ["--omit=optional", "--omit=peer", "--prefer-offline", "--loglevel=error"]
        done = subprocess.run(line, cwd=fresh, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(fresh)
            pytest.fail(f"npm could not install the Node.js SDK:\n{done.stderr}{done.stdout}")
        # Whole or not at all: a run that is killed meanwhile leaves nothing that looks installed.
        fresh.rename(folder)
    return folder


@pytest.fixture(scope="module")
def played(modules, place) -> dict[str, str | None]:
    """What came of each scenario: None, or how it failed."""
    # The project file as JSON, and so the stacks' config files, too: the project has no YAML at all.
    served = Path(__file__).parents[1] / "plugins" / "served"
    place.write(
        "Pulumi.json",
        json.dumps(
            {"name": "shop", "runtime": "python", "plugins": {"providers": [{"name": "test", "path": str(served)}]}}
        ),
    )
    (place.project / "Pulumi.yaml").unlink()
    line = ["node", NODE / "scenarios.mjs", modules, Path(place.command.command).parents[1], place.project]
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    done = subprocess.run(
        line, env=kept | place.environment("dev"), cwd=place.folder, capture_output=True, text=True, check=False
    )
    told = [json.loads(text) for text in done.stdout.splitlines() if text.startswith("{")]
    assert done.returncode == 0, done.stderr
    return {one["scenario"]: one["error"] for one in told}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_node_client_finds_that(played, scenario):
    assert played[scenario] is None
