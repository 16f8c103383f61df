"""Exports, read by the programs that they are for: whatever a title holds, every node, edge, kind,
weight and date arrives."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path

import networkx
import pydot
import pytest
import rustworkx
from hypothesis import given
from hypothesis import strategies as st

from scraper.graph.exports import FORMATS, export_graph
from scraper.graph.measures import measure
from scraper.graph.model import Graph
from scraper.printable import csv_cell, printable
from tests.conftest import ENDS_S, FURTHER
from tests.each_row import each_row
from tests.graph.graphs import make_edge, make_graph, make_node
from tests.made_up import SIGNS

HOSTILE = [
    'say "tea" & <b>honey</b>',
    "two\nlines\tand a tab",
    "nothing\x00 and \x1b[31mred",
    "שלום \u202eright to left",
    "back\\slash \\N \\",
    "]]> --> %s {x} ;",
    "half a pair \ud800",
    "",
    "=1+1",
    '"+cmd x',
    "tag\U000e0041 and \u2066mark \u200f",
]
GVPR = shutil.which("gvpr")
READABLE = [title.translate({0: "\ufffd", 0x1B: "\ufffd", 0xD800: "\ufffd"}) for title in HOSTILE]
SHOWN = [printable(title) for title in HOSTILE]
"""Formats without escapes for such characters show them as U+FFFD."""


def _hostile() -> Graph:
    edges = [
        make_edge(
            number,
            number % len(HOSTILE) + 1,
            anchor=title,
            kind="similar",
            weight=0.25,
            gone_at="2026-03-05T06:00:00Z",
        )
        for number, title in enumerate(HOSTILE, start=1)
    ]
    graph = make_graph(len(HOSTILE), [*edges, make_edge(1, 2, id=99, kind="older")])
    return replace(
        graph,
        posts=tuple(
            replace(post, title=title) for post, title in zip(graph.posts, HOSTILE, strict=True)
        ),
    )


def _text(graph: Graph, form: str, *, measured: bool = False) -> str:
    text = "".join(export_graph(graph, form, measure(graph) if measured else None))
    text.encode()  # what cannot be written to a file is no export
    return text


def _check_edges(edges: list[dict[str, object]], labels: list[str] = READABLE) -> None:
    assert len(edges) == len(HOSTILE) + 1
    alike = [edge for edge in edges if edge["kind"] == "similar"]
    assert {str(edge["label"]) for edge in alike} == set(labels)
    assert {
        (float(str(edge["weight"])), edge["first_seen_at"], edge["gone_at"]) for edge in alike
    } == {(0.25, "2026-03-02T06:00:00Z", "2026-03-05T06:00:00Z")}
    assert [edge["gone_at"] for edge in edges if edge["kind"] == "older"] == [""]


def test_gexf_is_read_by_networkx():
    found = networkx.read_gexf(BytesIO(_text(_hostile(), "gexf").encode()))
    assert [node["label"] for _, node in found.nodes(data=True)] == READABLE
    _check_edges([edge for *_, edge in found.edges(data=True)])
    assert {(edge["start"], edge.get("end")) for *_, edge in found.edges(data=True)} == {
        ("2026-03-02", "2026-03-05"),
        ("2026-03-02", None),
    }


def test_graphml_is_read_by_networkx_and_by_rustworkx(tmp_path: Path):
    text = _text(_hostile(), "graphml")
    found = networkx.parse_graphml(text)
    assert [node["label"] for _, node in found.nodes(data=True)] == READABLE
    _check_edges([edge for *_, edge in found.edges(data=True)])
    path = tmp_path / "posts.graphml"
    path.write_text(text, encoding="utf-8")
    (again,) = rustworkx.read_graphml(str(path))
    assert [node["label"] or "" for node in again.nodes()] == READABLE
    assert [edge["kind"] for edge in again.edges()].count("similar") == len(HOSTILE)
    assert len(again.edges()) == len(HOSTILE) + 1


def test_json_is_read_by_networkx():
    found = networkx.node_link_graph(json.loads(_text(_hostile(), "json")), edges="edges")
    assert [node["title"] for _, node in found.nodes(data=True)] == READABLE
    _check_edges([edge for *_, edge in found.edges(data=True)])


@FURTHER
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pydot calls its parser by old names
def test_dot_is_read_by_pydot():
    (found,) = pydot.graph_from_dot_data(_text(_hostile(), "dot"))
    nodes = [node for node in found.get_nodes() if node.get_name().isdigit()]
    assert len(nodes) == len(HOSTILE)
    assert nodes[0].get_attributes()["label"] == '"say \\"tea\\" & <b>honey</b>"'
    kinds = [edge.get_attributes()["kind"] for edge in found.get_edges()]
    assert sorted(set(kinds)) == ['"older"', '"similar"']
    assert len(kinds) == len(HOSTILE) + 1


@pytest.mark.skipif(not GVPR, reason="Graphviz is not installed")
def test_dot_is_read_by_graphviz(integration: None, tmp_path: Path):
    """By Graphviz's own reader, which prints what it holds of each edge, and by its layout."""
    path = tmp_path / "posts.dot"
    path.write_text(_text(_hostile(), "dot"), encoding="utf-8")
    held = {
        "kind": "kind",
        "label": "label",
        "weight": "likeness",
        "first_seen_at": "first_seen_at",
        "gone_at": "gone_at",
    }
    asked = ", ".join(f'aget($, "{attribute}")' for attribute in held.values())
    told = _graphviz("gvpr", f'E {{ printf("%s|%s|%s|%s|%s\\n\\n", {asked}) }}', path)
    edges = [dict(zip(held, line.split("|"), strict=True)) for line in told.split("\n\n") if line]
    # A label is kept as an escString: https://graphviz.org/docs/attr-types/escString/
    _check_edges(
        [
            edge
            | {
                "label": re.sub(
                    r"\\(.)", lambda sign: "\n" if sign[1] == "n" else sign[1], edge["label"]
                )
            }
            for edge in edges
        ],
        SHOWN,
    )
    assert _graphviz("dot", "-Tplain", path).count("\nedge ") == len(edges)


def _graphviz(*words: object) -> str:
    return subprocess.run(
        [*map(str, words)], capture_output=True, text=True, check=True, timeout=ENDS_S
    ).stdout


def test_csv_has_the_columns_of_gephi():
    rows = list(csv.DictReader(StringIO(_text(_hostile(), "csv"))))
    assert {"Source", "Target", "Type", "Id", "Label", "Weight"} <= rows[0].keys()
    names = {
        "kind": "Kind",
        "label": "Label",
        "weight": "Weight",
        "first_seen_at": "First seen",
        "gone_at": "Gone",
    }
    _check_edges(
        [{name: row[column] for name, column in names.items()} for row in rows],
        list(map(csv_cell, HOSTILE)),
    )


def test_csv_has_no_cell_that_a_spreadsheet_runs():
    title = '=HYPERLINK("http://evil.example","x")'
    edge = make_edge(1, 2, anchor="\t=1+1", weight=-0.5, to_id=None, url="@SUM(1)")
    graph = Graph(on="", posts=(make_node(1, title=title),), edges=(edge,))
    (row,) = csv.DictReader(StringIO(_text(graph, "csv")))
    assert (row["Source title"], row["Label"], row["URL"]) == (f"'{title}", "'\t=1+1", "'@SUM(1)")
    assert (row["Id"], row["Weight"]) == (str(edge.id), "-0.5")


@each_row("form", FORMATS)
def test_nothing_in_an_export_steers_a_terminal(form):
    text = _text(_hostile(), form)
    assert printable(text) == text


@each_row("form", FORMATS)
def test_measures_are_in_an_export_that_asks_for_them(form):
    graph = make_graph(3, [(1, 2), (3, 2)])
    with_measures, without = _text(graph, form, measured=True), _text(graph, form)
    assert ("in_degree" in with_measures) == (form != "csv")
    assert "in_degree" not in without


def test_a_removed_post_is_shown_only_where_an_edge_points_at_it():
    graph = make_graph(4, [(1, 2)])
    posts = (
        graph.posts[0],
        *(replace(post, state="removed") for post in graph.posts[1:3]),
        graph.posts[3],
    )
    found = networkx.read_gexf(
        BytesIO(_text(replace(graph, posts=posts), "gexf", measured=True).encode())
    )
    assert sorted(found.nodes) == ["1", "2", "4"]


def test_an_edge_that_leads_to_no_archived_post_stands_in_csv_alone():
    graph = make_graph(1, [(1, None)])
    assert networkx.parse_graphml(_text(graph, "graphml")).number_of_edges() == 0
    assert [row["Target"] for row in csv.DictReader(StringIO(_text(graph, "csv")))] == [""]


@each_row("form", FORMATS)
def test_a_graph_without_posts_is_a_graph(form):
    assert _text(make_graph(0, []), form)


@given(st.text(SIGNS), st.text(SIGNS))
def test_any_words_at_all_are_read_back_alike_from_each_format(title, anchor):
    graph = Graph(
        on="",
        posts=(make_node(1, title=title), make_node(2)),
        edges=(make_edge(1, 2, anchor=anchor),),
    )
    gexf = networkx.read_gexf(BytesIO(_text(graph, "gexf").encode()))
    node_link = json.loads(_text(graph, "json"))
    assert gexf.nodes["1"]["label"] == node_link["nodes"][0]["title"]
    assert [edge["label"] for *_, edge in gexf.edges(data=True)] == [node_link["edges"][0]["label"]]
