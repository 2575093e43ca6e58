"""A graph as a picture: SVG, drawn without any tool but this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from reconciler.cli.render.graph import PLAIN_FILL, Edge, EdgeKind, Graph, GraphStyle, Node, fill
from reconciler.cli.render.graph_layout import Layout, lay_out
from reconciler.plan.steps import Op

_LETTER: Final = 7.3
_SMALL_LETTER: Final = 6.0
_LONGEST: Final = 44
_BOX_HEIGHT: Final = 40.0
_ROW: Final = 54.0
_BEND: Final = 12.0
_GAP: Final = 72.0
_MARGIN: Final = 24.0
_TITLE: Final = 48.0
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FONT: Final = "font-family:ui-sans-serif,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"


def render_svg(graph: Graph, style: GraphStyle, title: str) -> str:
    """The picture: what is needed at the left, what needs it at the right."""
    # Ranks go from parents and dependencies to what is below and behind them, whichever way the arrow points.
    arrows = [(edge.target, edge.source) if edge.kind is EdgeKind.PARENT else (edge.source, edge.target)
              for edge in graph.edges]  # fmt: skip
    layout = lay_out(len(graph.nodes), arrows, node_size=_ROW, bend_size=_BEND)
    widths = [_width(node, style) for node in graph.nodes]
    lefts, column_widths = _columns(layout, widths)
    bottom = max((height + _ROW / 2 for height in layout.height), default=0.0)
    canvas = _Canvas(graph, style, layout, widths, lefts, column_widths)
    legend = list(_legend(graph, style))
    right = lefts[-1] + column_widths[-1] if lefts else 0.0
    width = max(right, _MARGIN + _LETTER * len(title) + 40, _MARGIN + 24 + 130 * len(legend)) + _MARGIN
    height = _TITLE + bottom + _MARGIN + (28 if legend else 0)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {_frame(width, height)} role="img" style="{_FONT}">',
        f"<title>{_text(title)}</title>",
        _markers(style),
        '<rect width="100%" height="100%" fill="#FFFFFF"/>',
        f'<text x="{_MARGIN}" y="30" font-size="15" font-weight="600" fill="#1F2328">{_text(title)}</text>',
        *(line for edge_lines in canvas.edges(arrows) for line in edge_lines),
        *(line for index in range(len(graph.nodes)) for line in canvas.node(index)),
        *(line.format(x=_MARGIN + 130 * at, y=height - _MARGIN) for at, line in enumerate(legend)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _frame(width: float, height: float) -> str:
    return f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'


def _columns(layout: Layout, widths: Sequence[float]) -> tuple[list[float], list[float]]:
    """Left edge and width of each column."""
    column_widths = [0.0] * (max(layout.column, default=-1) + 1)
    for column, width in zip(layout.column, widths, strict=True):
        column_widths[column] = max(column_widths[column], width)
    lefts: list[float] = []
    at = _MARGIN
    for width in column_widths:
        lefts.append(at)
        at += width + _GAP
    return lefts, column_widths


class _Canvas:
    def __init__(
        self,
        graph: Graph,
        style: GraphStyle,
        layout: Layout,
        widths: Sequence[float],
        lefts: Sequence[float],
        column_widths: Sequence[float],
    ) -> None:
        self._graph, self._style, self._layout = graph, style, layout
        self._widths, self._lefts, self._column_widths = widths, lefts, column_widths

    def node(self, index: int) -> Iterator[str]:
        node, layout = self._graph.nodes[index], self._layout
        x, y = self._lefts[layout.column[index]], _TITLE + layout.height[index]
        inside, border = fill(node.op)
        yield f"<g><title>{_text(node.urn + (f' ({node.op})' if node.op else ''))}</title>"
        yield (
            f'<rect x="{x:.1f}" y="{y - _BOX_HEIGHT / 2:.1f}" width="{self._widths[index]:.1f}" height="{_BOX_HEIGHT}"'
            f' rx="6" fill="{inside}" stroke="{border}" stroke-width="1.2"/>'
        )
        name_y = y + 4.5 if self._style.short_names or not node.type else y - 2.5
        yield (
            f'<text x="{x + 12:.1f}" y="{name_y:.1f}" font-size="13" font-weight="600" fill="#1F2328">'
            f"{_text(_short(node.name))}</text>"
        )
        if name_y < y:
            type = _text(_short(node.type))
            yield f'<text x="{x + 12:.1f}" y="{y + 13:.1f}" font-size="11" fill="#57606A">{type}</text>'
        yield "</g>"

    def edges(self, arrows: Sequence[tuple[int, int]]) -> Iterator[Iterator[str]]:
        order = sorted(range(len(arrows)), key=lambda at: self._graph.edges[at].kind is EdgeKind.DEPENDENCY)
        for at in order:
            yield self._edge(self._graph.edges[at], arrows[at], self._layout.bends[at])

    def _edge(self, edge: Edge, arrow: tuple[int, int], bends: Sequence[tuple[int, float]]) -> Iterator[str]:
        left, right = arrow
        start = self._lefts[self._layout.column[left]] + self._widths[left]
        points = [(start, _TITLE + self._layout.height[left])]
        for column, height in bends:
            x, y = self._lefts[column], _TITLE + height
            points += [(x, y), (x + self._column_widths[column], y)]
        points.append((self._lefts[self._layout.column[right]], _TITLE + self._layout.height[right]))
        path = f"M{points[0][0]:.1f},{points[0][1]:.1f}"
        for (x1, y1), (x2, y2) in pairwise(points):
            middle = (x1 + x2) / 2
            path += f"C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
        end = "marker-end" if edge.kind is EdgeKind.DEPENDENCY else "marker-start"
        dashes = "" if edge.kind is EdgeKind.DEPENDENCY else ' stroke-dasharray="4 3"'
        color = quoteattr(_clean(self._style.color(edge.kind)))
        label = f"<title>{_text(edge.label)}</title>" if edge.label else ""
        yield (
            f'<path d="{path}" fill="none" stroke={color} stroke-width="1.3"{dashes}'
            f' {end}="url(#{edge.kind})">{label}</path>'
        )


def _markers(style: GraphStyle) -> str:
    arrows = "".join(
        f'<marker id="{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        ' orient="auto-start-reverse">'
        f'<path d="M0,0 L8,4 L0,8 z" fill={quoteattr(_clean(style.color(kind)))}/></marker>'
        for kind in EdgeKind
    )
    return f"<defs>{arrows}</defs>"


def _legend(graph: Graph, style: GraphStyle) -> Iterator[str]:
    """What colours and lines mean, as far as the picture has them; `{x}` and `{y}` are to be filled in."""
    named = {EdgeKind.DEPENDENCY: "needed by", EdgeKind.PARENT: "belongs to"}
    for kind, meaning in named.items():
        if any(edge.kind is kind for edge in graph.edges):
            dashes = "" if kind is EdgeKind.DEPENDENCY else ' stroke-dasharray="4 3"'
            color = quoteattr(_clean(style.color(kind))).replace("{", "").replace("}", "")
            yield (
                '<g transform="translate({x:.0f},{y:.0f})">'
                f'<path d="M0,-4 H22" stroke={color} stroke-width="1.5"{dashes} marker-end="url(#{kind})"/>'
                f'<text x="30" y="0" font-size="11" fill="#57606A">{meaning}</text></g>'
            )
    for op in Op:
        if fill(op) != PLAIN_FILL and any(node.op is op for node in graph.nodes):
            inside, border = fill(op)
            yield (
                '<g transform="translate({x:.0f},{y:.0f})">'
                f'<rect x="0" y="-11" width="22" height="13" rx="3" fill="{inside}" stroke="{border}"/>'
                f'<text x="30" y="0" font-size="11" fill="#57606A">{op}</text></g>'
            )


def _width(node: Node, style: GraphStyle) -> float:
    kind = 0 if style.short_names else len(_short(node.type))
    return 24 + max(_LETTER * len(_short(node.name)), _SMALL_LETTER * kind)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 12]}…{text[-11:]}"


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)


def _text(text: str) -> str:
    return escape(_clean(text))
