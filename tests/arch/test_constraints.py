"""The pinned versions: what a fresh machine installs is what was tested."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    found = (re.match(r"([A-Za-z0-9_.-]+)==([^ ;]+)", line) for line in lines)
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def wanted():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(text) for group in groups for text in group]


def test_every_dependency_is_pinned_within_its_range():
    pins = pinned()

    wrong = [
        str(need)
        for need in wanted()
        if (version := pins.get(canonicalize_name(need.name))) is None or not need.specifier.contains(version)
    ]

    assert wrong == []


def test_the_pins_name_no_host():
    assert "://" not in (ROOT / "constraints.txt").read_text()
