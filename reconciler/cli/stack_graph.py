"""`pulumi stack graph`, and `pulumi preview --graph`: a stack as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reconciler.cli import flags
from reconciler.cli.flags import Command, flag
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.cli.render.graph import Graph, GraphStyle
    from reconciler.deploy.events import Event

DEPENDENCY_COLOR: Final = "#246C60"
PARENT_COLOR: Final = "#AA6639"
_FORMATS: Final = ("dot", "svg", "mermaid")
_BY_SUFFIX: Final = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".md": "markdown"}


@click.command(cls=Command, epilog="Example: pulumi stack graph stack.svg --short-node-name")
@click.argument("file", metavar="FILE")
@flags.stack_flag
@flag("--format", "form", type=click.Choice(_FORMATS), help="By default what FILE ends in says it, else dot.")
@flag("--ignore-parent-edges", is_flag=True, help="Leave out which resource belongs to which.")
@flag("--ignore-dependency-edges", is_flag=True, help="Leave out which resource needs which.")
@flag("--parent-edge-color", default=PARENT_COLOR, show_default=True, help="Colour of arrows to parents.")
@flag("--dependency-edge-color", default=DEPENDENCY_COLOR, show_default=True, help="Colour of other arrows.")
@flag("--short-node-name", is_flag=True, help="Show names alone.")
@flag("--dot-fragment", default="", metavar="TEXT", help="Lines to put into the beginning of a DOT graph.")
@flags.global_flags
@click.pass_obj
def graph(
    invocation: Invocation,
    file: str,
    form: str | None,
    ignore_parent_edges: bool,
    ignore_dependency_edges: bool,
    parent_edge_color: str,
    dependency_edge_color: str,
    short_node_name: bool,
    dot_fragment: str,
) -> None:
    """Draw what the stack has and what needs what: as DOT, SVG or mermaid. `-` writes to stdout."""
    from reconciler.cli.render.graph import GraphStyle, graph_of
    from reconciler.cli.workspace import Workspace

    workspace = Workspace(invocation)
    drawn = graph_of(
        workspace.load(blind=True).snapshot.resources,
        with_dependencies=not ignore_dependency_edges,
        with_parents=not ignore_parent_edges,
    )
    style = GraphStyle(
        dependency_color=dependency_edge_color,
        parent_color=parent_edge_color,
        short_names=short_node_name,
        dot_fragment=dot_fragment,
    )
    title = f"{workspace.shown(workspace.stack)}: {len(drawn.nodes)} resources"
    text = _rendered(drawn, style, title, form or _format_of(file))
    if file == "-":
        invocation.terminal.write(text)
    else:
        invocation.terminal.write(f"{_put(invocation, file, text)}\n")


def write_preview_graph(invocation: Invocation, file: str, stack: str, seen: Sequence[Event]) -> None:
    """Draw what a preview saw, coloured by what would become of each resource."""
    from reconciler.cli.render.graph import GraphStyle, graph_of, of_preview

    resources, ops = of_preview(seen)
    drawn = graph_of(resources, ops=ops)
    text = _rendered(drawn, GraphStyle(), f"{stack}: preview of the next update", _format_of(file))
    # On stderr: stdout may be a report, or JSON.
    invocation.terminal.warn(_put(invocation, file, text))


def _format_of(file: str) -> str:
    return _BY_SUFFIX.get(Path(file).suffix.lower(), "dot")


def _rendered(drawn: Graph, style: GraphStyle, title: str, form: str) -> str:
    from reconciler.cli.render import graph_svg, graph_text

    match form:
        case "svg":
            return graph_svg.render_svg(drawn, style, title)
        case "mermaid":
            return graph_text.render_mermaid(drawn, style)
        case "markdown":
            return f"```mermaid\n{graph_text.render_mermaid(drawn, style)}```\n"
        case _:
            return graph_text.render_dot(drawn, style)


def _put(invocation: Invocation, file: str, text: str) -> str:
    from reconciler.project.documents import write_text

    write_text(invocation.directory / file, text)
    return f"Wrote stack dependency graph to `{file}`"
