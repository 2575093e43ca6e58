"""`flowforge browse`: a stack's state in the terminal, to look around in. Changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import ClassVar

import click
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Header, Input, Static, Tree
from textual.widgets.tree import TreeNode

from reconciler import errors
from reconciler.cli.explain import render_error
from reconciler.cli.flags import SHARED
from reconciler.cli.invocation import Invocation
from reconciler.cli.redact import Redactor
from reconciler.cli.render import values
from reconciler.cli.render.values import Look
from reconciler.cli.workspace import Workspace
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.state.snapshots import Snapshot

_LOOK = Look(full=True)
_EPILOG = """\b
Keys:
  arrows, Enter    walk the tree, open and close
  /                find by type, name, URN or id
  Escape           show everything again
  q                leave
"""


@click.command(name="browse", epilog=_EPILOG)
@click.option("--stack", "-s", default="", help="The stack to look at; else the selected one.")
@click.option("--cwd", "-C", default="", help="Run as if started in this directory.")
def command(stack: str, cwd: str) -> None:
    """Look around in a stack's state: what there is, what it depends on, what it holds. Secrets stay hidden."""
    try:
        workspace = Workspace(Invocation({f"{SHARED}stack": stack, f"{SHARED}cwd": cwd}, os.environ))
        reference = workspace.stack
        browser = Browser(f"{reference.project}/{reference.stack}", workspace.load(blind=True).snapshot)
        if not sys.stdout.isatty():
            raise errors.UsageError("browse needs a terminal", hint="`pulumi stack --show-urns` prints what there is")
    except errors.ReconcilerError as error:
        click.echo(render_error(error, Redactor()), err=True)
        sys.exit(1)
    browser.run()


class Browser(App[None]):
    """The tree of resources on the left, what is recorded of one on the right."""

    CSS = """
    Tree { width: 45%; border-right: solid $primary; }
    #details { width: 55%; padding: 0 1; }
    #search { display: none; }
    #search.shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Find"),
        Binding("escape", "show_all", "Show all"),
        Binding("q", "quit", "Leave"),
    ]

    def __init__(self, stack: str, snapshot: Snapshot) -> None:
        super().__init__()
        self.title = f"{stack}: {len(snapshot.resources)} resources"
        self._resources = snapshot.resources
        self._dependents = _dependents(snapshot.resources)

    def compose(self) -> ComposeResult:
        """The screen's parts."""
        yield Header()
        yield Input(placeholder="type, name, URN or id", id="search")
        with Horizontal():
            tree: Tree[Recorded] = Tree("resources")
            tree.show_root = False
            yield tree
            with VerticalScroll(id="details"):
                yield Static(id="told", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Fill the tree."""
        self._fill("")
        self.query_one(Tree).focus()

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Recorded]) -> None:
        """Show the resource that the cursor is on."""
        resource = event.node.data
        lines = details(resource, self._dependents) if resource is not None else []
        self.query_one("#told", Static).update(Text("\n".join(lines)))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Leave in the tree what is looked for."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Go to what was found."""
        self.query_one(Tree).focus()

    def action_search(self) -> None:
        """Open the field for what is looked for."""
        field = self.query_one("#search", Input)
        field.add_class("shown")
        field.focus()

    def action_show_all(self) -> None:
        """Close the field."""
        field = self.query_one("#search", Input)
        field.value = ""
        field.remove_class("shown")
        self.query_one(Tree).focus()

    def _fill(self, wanted: str) -> None:
        tree: Tree[Recorded] = self.query_one(Tree)
        tree.clear()
        nodes: dict[str, TreeNode[Recorded]] = {}
        for resource in found(self._resources, wanted):
            above = nodes.get(resource.parent, tree.root)
            node = above.add(label(resource), resource, expand=True)
            node.allow_expand = False
            if above is not tree.root:
                above.allow_expand = True
            nodes[resource.urn] = node
        tree.move_cursor(tree.root.children[0] if tree.root.children else None)


def found(resources: Sequence[Recorded], wanted: str) -> list[Recorded]:
    """The resources that hold a text in type, name, URN or id, each with those above it; parents first."""
    parents = {resource.urn: resource.parent for resource in resources}
    kept: set[str] = set()
    for resource in resources:
        if wanted.lower() in f"{resource.urn} {resource.id}".lower():
            urn = resource.urn
            while urn and urn not in kept:
                kept.add(urn)
                urn = parents.get(urn, "")
    return [resource for resource in resources if resource.urn in kept]


def label(resource: Recorded) -> str:
    """What the tree says of a resource."""
    marks = {
        "pending deletion": resource.delete,
        "pending replacement": resource.pending_replacement,
        "protected": resource.protect,
        "tainted": resource.taint,
        "external": resource.external,
        "not ready": bool(resource.init_errors),
    }
    told = ", ".join(mark for mark, holds in marks.items() if holds)
    return f"{urns.short_type(resource.type)}  {urns.name(resource.urn)}{f'  ({told})' if told else ''}"


def details(resource: Recorded, dependents: Mapping[str, Sequence[str]]) -> list[str]:
    """What is recorded of a resource, secrets hidden."""
    facts = {"urn": resource.urn, "id": resource.id, "provider": resource.provider}
    facts |= {"created": resource.created, "modified": resource.modified, "declared": resource.source_position}
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    for title, properties in (("inputs", resource.inputs), ("outputs", resource.outputs)):
        if properties:
            lines += ["", f"{title}:", *values.whole_map(properties, depth=1, look=_LOOK)]
    for title, listed in (
        ("needs", resource.dependencies),
        ("is needed by", dependents.get(resource.urn, ())),
        ("is not ready", resource.init_errors),
    ):
        if listed:
            lines += ["", f"{title}:", *(f"    {item}" for item in listed)]
    return lines


def _dependents(resources: Sequence[Recorded]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for resource in resources:
        for urn in resource.dependencies:
            found.setdefault(urn, []).append(resource.urn)
    return found
