"""The state browser, driven by keys; textual's pilot stands for the terminal."""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets import Static, Tree

from reconciler.cli.browse import Browser
from reconciler.model.resources import Recorded
from reconciler.model.values import Secret
from reconciler.state.snapshots import Snapshot

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
LAKE = "urn:pulumi:dev::shop::shop:index:Lake::lake"
RAW = "urn:pulumi:dev::shop::shop:index:Lake$snowflake:index/database:Database::raw"
ROLE = "urn:pulumi:dev::shop::snowflake:index/accountRole:AccountRole::loader"

SNAPSHOT = Snapshot(
    resources=(
        Recorded(urn=STACK, type="pulumi:pulumi:Stack", custom=False),
        Recorded(urn=LAKE, type="shop:index:Lake", custom=False, parent=STACK),
        Recorded(
            urn=RAW,
            type="snowflake:index/database:Database",
            custom=True,
            id="RAW",
            parent=LAKE,
            protect=True,
            inputs={"name": "RAW", "token": Secret("hunter2hunter2")},
            outputs={"owner": "[bold]ME[/bold]"},
        ),
        Recorded(
            urn=ROLE,
            type="snowflake:index/accountRole:AccountRole",
            custom=True,
            id="LOADER",
            parent=STACK,
            dependencies=(RAW,),
        ),
    )
)


def browse(*keys):
    """Press keys; the tree's lines and the details that are shown then."""

    async def run():
        app = Browser("shop/dev", SNAPSHOT)
        async with app.run_test(size=(160, 40)) as pilot:
            await pilot.press(*keys)
            await pilot.pause()
            tree = app.query_one(Tree)
            lines = [str(tree.get_node_at_line(line).label) for line in range(tree.last_line + 1)]
            return lines, str(app.query_one("#told", Static).render())

    return asyncio.run(run())


@pytest.mark.slow
def test_a_person_walks_to_a_resource_and_sees_it_without_its_secrets():
    lines, details = browse("down", "down")

    assert lines == [
        "pulumi:pulumi:Stack  shop-dev",
        "shop:index:Lake  lake",
        "snowflake:index:Database  raw  (protected)",
        "snowflake:index:AccountRole  loader",
    ]
    assert "id: RAW" in details
    assert 'owner: "[bold]ME[/bold]"' in details
    assert "token: [secret]" in details
    assert f"is needed by:\n    {ROLE}" in details
    assert "hunter2" not in details


@pytest.mark.slow
def test_what_is_looked_for_stays_with_what_is_above_it():
    lines, _ = browse("slash", *"accountrole")
    back, _ = browse("slash", *"accountrole", "escape")

    assert lines == ["pulumi:pulumi:Stack  shop-dev", "snowflake:index:AccountRole  loader"]
    assert len(back) == 4
