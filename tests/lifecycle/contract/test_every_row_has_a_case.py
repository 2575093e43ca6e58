"""Is every row of the contract shown, here or where the list says?"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from contract_rows import ELSEWHERE, HERE, ROWS, case, row

FOLDER = Path(__file__).parent
TESTS = FOLDER.parents[1]
NAMING = (case.__name__, row.__name__)


def test_every_row_of_this_folder_has_a_case():
    shown = set()
    for module in FOLDER.glob("test_*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=called), args=[ast.Constant(value=str(name)), *_]) if called in NAMING:
                    shown.add(name)

    assert set(HERE) == shown


def test_every_row_is_listed_once():
    assert [name for name, many in Counter(ROWS).items() if many > 1] == []


def test_what_is_shown_elsewhere_is_there():
    missing = []
    for file, rows in ELSEWHERE.items():
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        missing += [(name, f"{file}::{test}") for name, test in rows.items() if test not in defined]

    assert missing == []
