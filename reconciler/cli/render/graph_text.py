"""A graph as text that other tools draw: DOT and mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.cli.render.graph import PLAIN_FILL, EdgeKind, Graph, GraphStyle, fill


def render_dot(graph: Graph, style: GraphStyle) -> str:
    """The graph for Graphviz, as upstream writes it; boxes are filled where a preview would change them."""
    return "".join(f"{line}\n" for line in _dot_lines(graph, style))


def _dot_lines(graph: Graph, style: GraphStyle) -> Iterator[str]:
    yield "strict digraph {"
    if style.dot_fragment:
        yield style.dot_fragment
    for index, node in enumerate(graph.nodes):
        attributes = [f'label="{_dot(node.name if style.short_names else node.urn)}"']
        if node.op is not None and fill(node.op) != PLAIN_FILL:
            inside, border = fill(node.op)
            attributes += ["style=filled", f'fillcolor="{inside}"', f'color="{border}"']
        yield f"    Resource{index} [{', '.join(attributes)}];"
    for edge in graph.edges:
        label = f', label = "{_dot(edge.label)}"' if edge.label else ""
        color = _dot(style.color(edge.kind))
        yield f'    Resource{edge.source} -> Resource{edge.target} [color = "{color}"{label}];'
    yield "}"


def _dot(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "")


def render_mermaid(graph: Graph, style: GraphStyle) -> str:
    """The graph for mermaid, which forges draw inside markdown."""
    return "".join(f"{line}\n" for line in _mermaid_lines(graph, style))


def _mermaid_lines(graph: Graph, style: GraphStyle) -> Iterator[str]:
    yield "flowchart LR"
    for index, node in enumerate(graph.nodes):
        kind = "" if style.short_names or not node.type else f"<br/><small>{_mermaid(node.type)}</small>"
        changed = node.op is not None and fill(node.op) != PLAIN_FILL
        yield f'  r{index}["{_mermaid(node.name)}{kind}"]' + (f":::{_class(str(node.op))}" if changed else "")
    for edge in graph.edges:
        if edge.kind is EdgeKind.PARENT:
            yield f"  r{edge.source} -.-> r{edge.target}"
        else:
            label = f'|"{_mermaid(edge.label)}"|' if edge.label else ""
            yield f"  r{edge.source} -->{label} r{edge.target}"
    for kind in EdgeKind:
        places = [str(index) for index, edge in enumerate(graph.edges) if edge.kind is kind]
        if places:
            yield f"  linkStyle {','.join(places)} stroke:{_color(style.color(kind))}"
    for op in sorted({node.op for node in graph.nodes if node.op is not None and fill(node.op) != PLAIN_FILL}):
        inside, border = fill(op)
        yield f"  classDef {_class(str(op))} fill:{inside},stroke:{border},color:#1F2328"


def _class(op: str) -> str:
    return f"op_{re.sub(r'[^a-z]', '_', op)}"


def _color(text: str) -> str:
    return re.sub(r"[^#\w(),.% ]", "", text)


def _mermaid(text: str) -> str:
    """Text that means nothing to mermaid but itself: by character codes, where it could."""
    return re.sub(r"[^\w .:/\-]", lambda match: f"#{ord(match[0])};", text)
