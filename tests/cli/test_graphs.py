"""Pictures of a stack: boxes stand apart, what is needed stands left, and no text breaks out of its form."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.cli.render.graph import EdgeKind, GraphStyle, graph_of
from reconciler.cli.render.graph_layout import lay_out
from reconciler.cli.render.graph_svg import render_svg
from reconciler.cli.render.graph_text import render_dot, render_mermaid
from reconciler.model.resources import Recorded
from reconciler.plan.steps import Op

PREFIX = "urn:pulumi:dev::shop::"
SVG = "{http://www.w3.org/2000/svg}"


def thing(name, **fields):
    return Recorded(urn=f"{PREFIX}test:index/thing:Thing::{name}", type="test:index/thing:Thing", custom=True, **fields)


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    return count, draw(st.lists(ends, max_size=25, unique=True))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(graphs())
def test_boxes_never_overlap_and_what_is_needed_stands_to_the_left(graph):
    count, arrows = graph

    layout = lay_out(count, arrows, node_size=10, bend_size=2)

    for source, target in arrows:
        assert source >= target or layout.column[source] < layout.column[target]
    places = sorted(zip(layout.column, layout.height, strict=True))
    assert all(a[0] != b[0] or b[1] - a[1] > 9.99 for a, b in pairwise(places))
    assert min(layout.height) > 4.99
    for (source, target), bends in zip(arrows, layout.bends, strict=True):
        assert [column for column, _ in bends] == list(range(layout.column[source] + 1, layout.column[target]))
    assert layout == lay_out(count, arrows, node_size=10, bend_size=2)


def test_a_chain_is_drawn_level_and_arrows_that_cross_are_untangled():
    assert len(set(lay_out(4, [(0, 1), (1, 2), (2, 3)], node_size=10, bend_size=2).height)) == 1

    height = lay_out(6, [(0, 5), (1, 4), (2, 3)], node_size=10, bend_size=2).height

    assert (height[0] < height[1] < height[2]) == (height[5] < height[4] < height[3])


HOSTILE = 'a"];\n}<script>alert(1)</script>&{{#quot;\\\x00'


@pytest.mark.parametrize("kind", [EdgeKind.DEPENDENCY, EdgeKind.PARENT])
def test_names_and_colours_mean_nothing_but_themselves(kind):
    bad = thing(HOSTILE)
    graph = graph_of((bad, thing("b", parent=bad.urn, property_dependencies={HOSTILE: (bad.urn,)})))
    style = GraphStyle(dependency_color='"/><script>', parent_color='"];x')

    drawn = ET.fromstring(render_svg(graph, style, HOSTILE))
    assert not list(drawn.iter(f"{SVG}script"))
    assert any("<script>alert(1)</script>" in (text.text or "") for text in drawn.iter(f"{SVG}text"))
    dot = render_dot(graph, style)
    assert dot.count("\n") == 6
    assert '\\"];\\n}' in dot
    mermaid = render_mermaid(graph, style)
    assert "<script>" not in mermaid
    assert '"]' not in mermaid.replace('</small>"]', "")
    assert "{" not in mermaid
    assert any(edge.kind is kind for edge in graph.edges)


def test_a_preview_colours_what_it_would_change_and_says_so():
    one, two = thing("one"), thing("two", dependencies=(thing("one").urn,))
    graph = graph_of((one, two), ops={one.urn: Op.REPLACE, two.urn: Op.SAME})

    drawn = ET.fromstring(render_svg(graph, GraphStyle(), "t"))

    fills = [rect.get("fill") for group in drawn.iter(f"{SVG}g") for rect in group.iter(f"{SVG}rect")]
    assert fills == ["#F3E0FA", "#F6F8FA", "#F3E0FA"]
    assert [text.text for text in drawn.iter(f"{SVG}text")][-2:] == ["needed by", "replace"]
    assert 'style=filled, fillcolor="#F3E0FA"' in render_dot(graph, GraphStyle())
    assert ":::op_replace" in render_mermaid(graph, GraphStyle())
    assert "op_same" not in render_mermaid(graph, GraphStyle())


def test_old_copies_and_circles_are_drawn_once():
    one = thing("one", dependencies=(thing("two").urn,))
    graph = graph_of((thing("one", delete=True), one, thing("two", dependencies=(one.urn,))))

    assert len(graph.nodes) == 2
    assert len(graph.edges) == 2
    ET.fromstring(render_svg(graph, GraphStyle(short_names=True), "t"))
