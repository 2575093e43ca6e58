"""What the public Automation API is given: `pulumi` in a folder of its own, a project, a backend, a provider.

Everything is made once per module: each command is a process, and the suite is to stay cheap.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from pulumi import automation

ROOT = Path(__file__).parents[2]
TESTS = Path(__file__).parents[1]
PASSPHRASE = "opensesame"

PROGRAM = """\
import json, pathlib, time
import pulumi

class Thing(pulumi.CustomResource):
    serial: pulumi.Output[int]
    def __init__(self, name, opts=None, **props):
        super().__init__("test:index:Thing", name, {"serial": None, **props}, opts)

for name, props in json.loads(pathlib.Path(f"{pulumi.get_stack()}.json").read_text()).items():
    if name == "wait":
        pathlib.Path("waiting").touch()
        while not pathlib.Path("go").exists():
            time.sleep(0.02)
        continue
    if name == "raise":
        raise ValueError(props)
    options = pulumi.ResourceOptions(protect=props.pop("protect", None))
    Thing(name, options, **props)

config = pulumi.Config()
pulumi.export("size", config.get("size"))
pulumi.export("token", config.get_secret("token"))
pulumi.export("tags", config.get_object("tags"))
"""


@dataclass(frozen=True)
class Place:
    """One project with a backend and a home of its own; each of its stacks has a service of its own."""

    folder: Path
    command: automation.PulumiCommand

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def environment(self, stack: str = "none") -> dict[str, str]:
        """What a workspace passes on."""
        return {
            "HOME": str(self.folder / "home"),
            "PULUMI_HOME": str(self.folder / "home" / ".pulumi"),
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PYTHONPATH": str(ROOT),
            "TEST_SERVICE": str(self._service_file(stack)),
            "TEST_LIFECYCLE": str(TESTS / "lifecycle"),
        }

    def objects(self, stack: str) -> dict[str, dict[str, object]]:
        """What exists in a stack's service, by id."""
        found: dict[str, dict[str, object]] = self._service(stack)["objects"]
        return found

    def change_objects(self, stack: str, **changes: object) -> None:
        """Change every object behind the engine's back."""
        kept = self._service(stack)
        for item in kept["objects"].values():
            item.update(changes)
        self._service_file(stack).write_text(json.dumps(kept))

    def add_object(self, stack: str, id: str, **properties: object) -> None:
        """Make an object that no stack knows of."""
        kept = self._service(stack)
        kept["objects"][id] = {"serial": 1, **properties}
        self._service_file(stack).write_text(json.dumps(kept | {"serial": len(kept["objects"])}))

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.project / name
        path.write_text(text, encoding="utf-8")
        return path

    def declare(self, stack: str, **things: object) -> None:
        """What the stack's program declares from now on, by name."""
        self.write(f"{stack}.json", json.dumps(things))

    def options(self, stack: str = "none", **given: object) -> automation.LocalWorkspaceOptions:
        """Options of a workspace here."""
        return automation.LocalWorkspaceOptions(env_vars=self.environment(stack), pulumi_command=self.command, **given)

    def workspace(self, **given: object) -> automation.LocalWorkspace:
        """A workspace of the project, or where `work_dir` says."""
        return automation.LocalWorkspace(**vars(self.options(**{"work_dir": str(self.project), **given})))

    def stack(self, name: str, **things: object) -> automation.Stack:
        """A new stack of the project, whose program declares these things."""
        self.declare(name, **things)
        return automation.create_stack(name, work_dir=str(self.project), opts=self.options(name))

    def _service(self, stack: str):
        file = self._service_file(stack)
        return json.loads(file.read_text()) if file.exists() else {"objects": {}}

    def _service_file(self, stack: str) -> Path:
        return self.folder / f"service-{stack}.json"


def make_command(folder: Path) -> automation.PulumiCommand:
    """`pulumi` as an installation of its own, as `PulumiCommand(root=...)` wants it."""
    script = folder / "bin" / "pulumi"
    script.parent.mkdir(parents=True)
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reconciler.cli.main "$@"\n')
    script.chmod(0o755)
    return automation.PulumiCommand(root=str(folder))


@pytest.fixture(scope="module")
def clean_environment():
    """No variable of the caller's own stacks reaches the commands."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PULUMI_")]:
            patch.delenv(name)
        # The command needs the checkout, and the version check runs it without a workspace's variables.
        patch.setenv("PYTHONPATH", str(ROOT))
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory, clean_environment) -> Place:
    """A project whose program declares what each stack is told to, against a service kept in a file."""
    folder = tmp_path_factory.mktemp("automation")
    for name in ("project", "state", "home"):
        (folder / name).mkdir()
    place = Place(folder, make_command(folder / "cli"))
    served = TESTS / "plugins" / "served"
    place.write(
        "Pulumi.yaml",
        f"name: shop\nruntime: python\nplugins:\n  providers:\n    - name: test\n      path: {served}\n",
    )
    place.write("__main__.py", PROGRAM)
    return place
