"""The graph for other programs: GEXF for Gephi, GraphML, node-link JSON for networkx, DOT for
Graphviz, and CSV.

Each export is made line by line, so that a million edges take no more memory than the graph itself.
Edges whose target is not archived have no second node: they stand in CSV alone. Characters that XML
1.0 cannot hold (control characters, lone surrogates) become U+FFFD everywhere. XML and JSON escape
what else `printable` replaces; DOT and CSV replace it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from io import StringIO
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from scraper.graph.measures import Measures
from scraper.graph.model import Graph, GraphEdge, GraphPost
from scraper.printable import csv_cell, escape_json, escape_xml, fit_xml, printable, xml_text

Values = dict[str, Any]
"""The attributes of a node or an edge by name: text, integers, floats, booleans."""

_TYPES: Final[dict[type, str]] = {str: "string", int: "integer", float: "double", bool: "boolean"}
_TYPES_GRAPHML: Final[dict[type, str]] = {**_TYPES, int: "int"}


def export_graph(
    graph: Graph, form: str, measures: Mapping[int, Measures] | None = None
) -> Iterator[str]:
    """The graph in one of `FORMATS`, as lines; with the measures of each post, if they are
    given."""
    return FORMATS[form](graph, measures or {})


def nodes_of(graph: Graph) -> list[GraphPost]:
    """The posts that an export shows: removed ones only where an edge still points at them."""
    pointed_at = {edge.to_id for edge in graph.edges}
    return [post for post in graph.posts if post.state != "removed" or post.id in pointed_at]


def edges_of(graph: Graph) -> list[GraphEdge]:
    """The edges that join two posts of the graph."""
    known = {post.id for post in graph.posts}
    return [edge for edge in graph.edges if edge.to_id in known and edge.from_id in known]


def write_gexf(graph: Graph, measures: Mapping[int, Measures]) -> Iterator[str]:
    """GEXF 1.3 (gexf.net), each edge with the days from which and to which it stood."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    yield "<meta><creator>Blogkeep</creator></meta>\n"
    yield '<graph mode="dynamic" defaultedgetype="directed" timeformat="date" idtype="string">\n'
    nodes = [(post, _node(post, measures)) for post in nodes_of(graph)]
    edges = edges_of(graph)
    yield from _gexf_attributes("node", nodes[0][1] if nodes else {})
    yield from _gexf_attributes("edge", _edge(edges[0]) if edges else {})
    yield "<nodes>\n"
    for post, values in nodes:
        yield f"<node{_xml(id=post.id, label=post.title)}>{_gexf_values(values)}</node>\n"
    yield "</nodes>\n<edges>\n"
    for edge in edges:
        ends = _xml(
            id=edge.id,
            source=edge.from_id,
            target=edge.to_id,
            label=edge.anchor,
            weight=edge.weight,
            start=edge.first_seen_at[:10],
        )
        end = _xml(end=edge.gone_at[:10]) if edge.gone_at else ""
        yield f"<edge{ends}{end}>{_gexf_values(_edge(edge))}</edge>\n"
    yield "</edges>\n</graph>\n</gexf>\n"


def _gexf_attributes(of: str, sample: Values) -> Iterator[str]:
    yield f'<attributes class="{of}">\n'
    for name, value in sample.items():
        yield f"<attribute{_xml(id=name, title=name, type=_TYPES[type(value)])}/>\n"
    yield "</attributes>\n"


def _gexf_values(values: Values) -> str:
    cells = "".join(
        f"<attvalue{_xml(**{'for': name, 'value': value})}/>" for name, value in values.items()
    )
    return f"<attvalues>{cells}</attvalues>"


def write_graphml(graph: Graph, measures: Mapping[int, Measures]) -> Iterator[str]:
    """GraphML (graphml.graphdrawing.org)."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    nodes = [(post, {"label": post.title, **_node(post, measures)}) for post in nodes_of(graph)]
    edges = edges_of(graph)
    for of, sample in (
        ("node", nodes[0][1] if nodes else {}),
        ("edge", _labelled(edges[0]) if edges else {}),
    ):
        for name, value in sample.items():
            key = {
                "id": f"{of}_{name}",
                "for": of,
                "attr.name": name,
                "attr.type": _TYPES_GRAPHML[type(value)],
            }
            yield f"<key{_xml(**key)}/>\n"
    yield '<graph edgedefault="directed">\n'
    for post, values in nodes:
        yield f"<node{_xml(id=f'p{post.id}')}>{_graphml_values('node', values)}</node>\n"
    for edge in edges:
        ends = _xml(id=f"e{edge.id}", source=f"p{edge.from_id}", target=f"p{edge.to_id}")
        yield f"<edge{ends}>{_graphml_values('edge', _labelled(edge))}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _labelled(edge: GraphEdge) -> Values:
    return {"label": edge.anchor, "weight": edge.weight, **_edge(edge)}


def _graphml_values(of: str, values: Values) -> str:
    return "".join(
        f"<data{_xml(key=f'{of}_{name}')}>{xml_text(_text(value))}</data>"
        for name, value in values.items()
    )


def write_json(graph: Graph, measures: Mapping[int, Measures]) -> Iterator[str]:
    """Node-link JSON, as networkx's ``node_link_graph`` reads it."""
    yield f'{{"directed": true, "multigraph": true, "graph": {json.dumps({"on": graph.on})},\n'
    yield '"nodes": [\n'
    yield from _joined(
        {"id": post.id, "title": post.title, **_node(post, measures)} for post in nodes_of(graph)
    )
    yield '],\n"edges": [\n'
    yield from _joined(
        {"source": edge.from_id, "target": edge.to_id, "key": edge.id, **_labelled(edge)}
        for edge in edges_of(graph)
    )
    yield "]}\n"


def _joined(rows: Iterable[Values]) -> Iterator[str]:
    for number, row in enumerate(rows):
        document = escape_json(json.dumps(_fit_values(row), ensure_ascii=False))
        yield f"{',' if number else ''}{document}\n"


def write_dot(graph: Graph, measures: Mapping[int, Measures]) -> Iterator[str]:
    """DOT, the language of Graphviz."""
    yield "digraph posts {\n"
    for post in nodes_of(graph):
        yield f"{post.id} [{_dot({'label': post.title, **_node(post, measures)})}];\n"
    for edge in edges_of(graph):
        yield f"{edge.from_id} -> {edge.to_id} [{_dot(_labelled(edge))}];\n"
    yield "}\n"


def _dot(values: Values) -> str:
    # Addresses have a name of their own in Graphviz, and weights there are whole numbers of another
    # meaning.
    named = {
        {"url": "URL", "weight": "likeness"}.get(name, name): value
        for name, value in values.items()
    }
    return ", ".join(f"{name}={_dot_quoted(_text(value))}" for name, value in named.items())


def _dot_quoted(text: str) -> str:
    plain = (
        printable(text.replace("\r\n", "\n").replace("\r", "\n"))
        .replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
    )
    return f'"{plain}"'


def write_csv(graph: Graph, measures: Mapping[int, Measures]) -> Iterator[str]:
    """A row for each edge, in the columns that Gephi reads; an edge whose target is not archived
    has an empty one."""
    titles = {post.id: post.title for post in graph.posts}
    columns = [
        "Id",
        "Source",
        "Target",
        "Type",
        "Label",
        "Weight",
        "Kind",
        "Position",
        "First seen",
        "Last seen",
        "Gone",
    ]
    yield _csv_row([*columns, "Source title", "Target title", "URL"])
    for edge in graph.edges:
        ends = [
            edge.id,
            edge.from_id,
            "" if edge.to_id is None else edge.to_id,
            "Directed",
            edge.anchor,
            edge.weight,
            edge.kind,
        ]
        times = [edge.position, edge.first_seen_at, edge.last_seen_at, edge.gone_at]
        yield _csv_row(
            [*ends, *times, titles.get(edge.from_id, ""), titles.get(edge.to_id or 0, ""), edge.url]
        )


def _csv_row(cells: Iterable[object]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow([_csv_cell(cell) for cell in cells])
    return out.getvalue()


def _csv_cell(value: object) -> str:
    """A value as a cell. Only a text can be a formula."""
    return csv_cell(fit_xml(value)) if isinstance(value, str) else _text(value)


def _node(post: GraphPost, measures: Mapping[int, Measures]) -> Values:
    values: Values = {
        "post": post.label,
        "url": post.url,
        "store": post.store,
        "blog": post.blog,
        "published_at": post.published_at,
        "state": post.state,
        "gone_at": post.gone_at,
        "language": post.language,
        "word_count": post.word_count,
    }
    if not measures:
        return values
    # A removed post is not measured; every node has the same attributes all the same.
    found = (
        asdict(measures[post.id])
        if post.id in measures
        else {name: type(value)() for name, value in asdict(_any(measures)).items()}
    )
    return {**values, **found}


def _any(measures: Mapping[int, Measures]) -> Measures:
    return next(iter(measures.values()))


def _edge(edge: GraphEdge) -> Values:
    return {
        "kind": edge.kind,
        "position": edge.position,
        "first_seen_at": edge.first_seen_at,
        "last_seen_at": edge.last_seen_at,
        "gone_at": edge.gone_at,
    }


def _fit_values(values: Values) -> Values:
    return {
        name: fit_xml(value) if isinstance(value, str) else value for name, value in values.items()
    }


def _text(value: object) -> str:
    """A value as text: booleans as XML Schema writes them."""
    return str(value).lower() if isinstance(value, bool) else fit_xml(str(value))


def _xml(**attributes: object) -> str:
    return "".join(f" {name}={_quoted(_text(value))}" for name, value in attributes.items())


def _quoted(text: str) -> str:
    return escape_xml(quoteattr(text, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}))


FORMATS: Final[dict[str, Callable[[Graph, Mapping[int, Measures]], Iterator[str]]]] = {
    "gexf": write_gexf,
    "graphml": write_graphml,
    "json": write_json,
    "dot": write_dot,
    "csv": write_csv,
}
