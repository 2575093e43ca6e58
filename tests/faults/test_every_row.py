"""Is every fault of the list shown, here or where the list says?"""

from __future__ import annotations

import ast
from pathlib import Path

from rows import HERE, ROWS, fault

FOLDER = Path(__file__).parent
TESTS = FOLDER.parent


def test_all_26_faults_are_listed_and_each_is_shown_somewhere():
    assert list(ROWS) == list(range(1, 27))
    assert [number for number, row in ROWS.items() if not row.elsewhere and number not in HERE] == []


def test_what_is_shown_here_has_a_test():
    marked = set()
    for module in FOLDER.glob("test_*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            match node:
                case ast.FunctionDef(decorator_list=decorators):
                    for decorator in decorators:
                        match decorator:
                            case ast.Call(func=ast.Name(id=fault.__name__), args=[ast.Constant(value=int(number)), *_]):
                                marked.add(number)

    assert marked == set(HERE)


def test_what_is_shown_elsewhere_is_there():
    missing = []
    for number, row in ROWS.items():
        for file, tests in row.elsewhere.items():
            tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
            defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            missing += [(number, f"{file}::{test}") for test in tests if test not in defined]

    assert missing == []
