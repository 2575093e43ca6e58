"""Is every row of the contract shown, here or where the list says?"""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from pathlib import Path

from contract_rows import ELSEWHERE, HERE, ROWS, SHOWN

FOLDER = Path(__file__).parent
TESTS = FOLDER.parents[1]


def test_every_row_of_this_folder_has_a_case():
    for module in sorted(FOLDER.glob("test_*.py")):
        if module != Path(__file__):
            importlib.import_module(module.stem)

    assert set(HERE) - SHOWN == set()


def test_every_row_is_listed_once():
    assert [name for name, many in Counter(ROWS).items() if many > 1] == []


def test_what_is_shown_elsewhere_is_there():
    missing = []
    for file, rows in ELSEWHERE.items():
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        missing += [(row, f"{file}::{test}") for row, test in rows.items() if test not in defined]

    assert missing == []
