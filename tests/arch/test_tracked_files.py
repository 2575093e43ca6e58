"""What no committed file may say: where it was made, and from where packages come."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Written so that this file does not match itself.
FORBIDDEN = re.compile(rb"/wor[k]/|/far[m]/|bash_job[s]|/roo[t]/|[.]librar[y]|npmj[s][.]|pythonhoste[d]|pyp[i][.]org")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name]


def test_no_file_names_this_machine_or_a_package_host():
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in tracked()
        if file.is_file()
        for number, line in enumerate(file.read_bytes().splitlines(), 1)
        if FORBIDDEN.search(line)
    ]

    assert found == []


def test_no_file_that_make_writes_is_tracked():
    names = {file.relative_to(ROOT).parts[0] for file in tracked()}

    assert not names & {".venv", ".state", ".sandbox"}


@pytest.mark.parametrize("file", ["Pulumi.dev.yaml", "Pulumi.prod.yaml"])
def test_stack_files_hold_no_private_key(file):
    assert "PRIVATE KEY" not in (ROOT / file).read_text()
