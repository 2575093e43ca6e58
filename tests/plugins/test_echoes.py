"""What a plugin's answer gets back of the request that it could not give back itself."""

from __future__ import annotations

from reconciler.model.values import Archive, Asset, Secret
from reconciler.providers.plugins import echoes

GIVEN = {
    "file": Asset(hash="a" * 64, path="./page.html"),
    "code": Secret(Archive(hash="b" * 64, assets={"x": Asset(hash="c" * 64, text="x")})),
}


def test_an_asset_that_came_back_as_its_hash_gets_its_path_or_text_back():
    answer = {
        "file": Asset(hash="a" * 64),
        "parts": (Asset(hash="c" * 64), Secret(Archive(hash="b" * 64))),
        "inside": {"archive": Archive(hash="d" * 64, assets={"page": Asset(hash="a" * 64)})},
    }

    restored = echoes.with_contents(answer, GIVEN)

    assert restored["file"] == GIVEN["file"]
    assert restored["parts"] == (Asset(hash="c" * 64, text="x"), GIVEN["code"])
    assert restored["inside"]["archive"].assets["page"].path == "./page.html"


def test_contents_of_another_hash_or_sort_are_nobodys():
    answer = {"file": Asset(hash="e" * 64), "code": Asset(hash="b" * 64), "own": Asset(hash="a" * 64, text="mine")}

    assert echoes.with_contents(answer, GIVEN) == answer
