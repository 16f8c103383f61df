"""Documents and program agree in both directions, Datasette describes the real schema, and its
prepared queries have answers."""

from __future__ import annotations

import argparse
import ast
import asyncio
import importlib
import json
import pkgutil
import re
import runpy
import sqlite3
import subprocess
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings
from sqlite_utils import Database

import scraper.commands
from scraper.alerts.channels import KEYS as CHANNEL_KEYS
from scraper.alerts.notices import Timing
from scraper.alerts.outbox import Event, MessageState
from scraper.alerts.rules import KEYS as ALERT_KEYS
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import prepare
from scraper.cli.base import ArchiveCommand
from scraper.crawl_evidence import ListingSource
from scraper.history.changes import CLAIMS, KIND_OF_FIELD, ChangeKind, Severity
from scraper.history.crawl_health import Health, IncidentKind, Outcome
from scraper.history.groups import SEVERAL
from scraper.history.images import IMAGE_BYTES
from scraper.history.removal import State
from scraper.history.timeline import Cause
from scraper.items import CleanPost, CodeKind, LinkKind, Origin, Verdict
from scraper.schedule.timetable.history import RunOutcome
from scraper.schedule.timetable.stores import KEYS, parse_stores
from scraper.web import plugin
from scraper.web.config import METADATA_FILE
from scraper.web.server import make_datasette
from tests.conftest import ROOT, ThreeDays
from tests.each_row import each_row
from tests.examples import normalize, pages

HELPERS = re.compile(r"revisions_fts_\w+|_sqlite_migrations")
"""Internal tables: named in the reference, hidden in Datasette, without descriptions of columns."""

TERMS: dict[str, set[str]] = {
    "crawls.outcome": set(get_args(Outcome)),
    "crawls.health": set(get_args(Health)),
    "captures.verdict": set(get_args(Verdict)),
    "posts.state": set(get_args(State)),
    "listings.source": set(get_args(ListingSource)),
    "revisions.origin": set(get_args(Origin)),
    "changes.kind": set(get_args(ChangeKind)),
    "changes.severity": set(get_args(Severity)),
    "changes.origin": set(get_args(Origin)),
    "changes.cause": set(get_args(Cause)),
    "change_groups.kind": set(get_args(ChangeKind)) | {SEVERAL},
    "change_fields.field": {field for field, _ in KIND_OF_FIELD} | {"url", CLAIMS, IMAGE_BYTES},
    "links.kind": set(get_args(LinkKind)),
    "discount_codes.kind": set(get_args(CodeKind)),
    "alerts.timing": set(get_args(Timing)),
    "alert_messages.state": set(get_args(MessageState)),
    "alert_incidents.event": set(get_args(Event)),
    "incidents.kind": set(get_args(IncidentKind)),
    "schedule_runs.outcome": set(get_args(RunOutcome)),
}
"""Columns whose terms the program lists."""

MAY_BE_EMPTY = {"conflicting-dates"}
"""Questions to which the demo store rightly gives no answer."""


@cache
def schema() -> dict[str, list[str]]:
    """Columns of every table and view of a new archive, by its name."""
    db = Database(memory=True)
    prepare(db)
    names = [
        name
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master "
            "WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        )
    ]
    # Hidden kind 1 is the search table's own machinery; 2 and 3 are generated columns, which
    # table_info leaves out.
    return {
        name: [row[1] for row in db.execute(f"PRAGMA table_xinfo([{name}])") if row[6] != 1]
        for name in names
    }


def described() -> list[str]:
    """Tables and views that people read."""
    return [name for name in schema() if not HELPERS.fullmatch(name)]


@cache
def sections(document: str) -> dict[str, str]:
    """The parts of a document by their headings, code marks taken off."""
    parts = re.split(r"^#{2,3} (.+)$", (ROOT / "docs" / document).read_text("utf-8"), flags=re.M)
    return {
        heading.replace("`", ""): body
        for heading, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def table_rows(text: str) -> list[list[str]]:
    """The rows of a Markdown table that begin with code, as cells."""
    return [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]


def first_codes(text: str) -> list[str]:
    """The first word of each piece of code in the first cells of a table."""
    return [
        code.split()[0] for row in table_rows(text) for code in re.findall(r"`([^`]+)`", row[0])
    ]


@cache
def metadata() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(METADATA_FILE.read_text("utf-8"))["databases"]["archive"]
    return found


@cache
def settings() -> dict[str, Any]:
    """What `scraper/settings.py` sets in an empty environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ARCHIVE_DB", "ARCHIVE_CAPTURES", "ARCHIVE_STORES", "ARCHIVE_CONTACT"):
            patch.delenv(name, raising=False)
        return {
            name: value
            for name, value in runpy.run_path(str(ROOT / "scraper" / "settings.py")).items()
            if name.isupper() and name[0] != "_"
        }


@cache
def commands() -> dict[str, ArchiveCommand | ScrapyCommand]:
    """Our commands by their names."""
    modules = {
        info.name: importlib.import_module(f"scraper.commands.{info.name}")
        for info in pkgutil.iter_modules(scraper.commands.__path__)
    }
    return {
        name: module.Command() for name, module in modules.items() if hasattr(module, "Command")
    }


COMMON = {"-h", "--help", "-s", "--set"}
"""Options that every command takes."""


def options(command: ArchiveCommand | ScrapyCommand) -> set[str]:
    if command.settings is None:
        command.settings = Settings()
        command.settings.setmodule("scraper.settings")
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.add_options(parser)
    return {option for action in parser._actions for option in action.option_strings}


@pytest.fixture(scope="session")
def archive(three_days: ThreeDays) -> Path:
    """An archive of the demo store after all its days, by the real command."""
    return three_days.db


@pytest.fixture(scope="session")
def get(archive: Path) -> Callable[[str], httpx.Response]:
    """Ask the Datasette of `scrapy serve` for a path."""
    datasette = make_datasette(archive)

    def ask(path: str) -> httpx.Response:
        answer: httpx.Response = asyncio.run(datasette.client.get(path))
        return answer

    return ask


def in_archive(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{archive}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


# --- docs/reference/tables.md -------------------------------------------------


def test_dictionary_holds_the_captures_tables_with_every_column() -> None:
    db = Database(memory=True)
    prepare(db, CAPTURES)
    tables = {
        name: [column.name for column in db[name].columns]
        for name in db.table_names()
        if not HELPERS.fullmatch(name)
    }
    documented = {
        heading: body
        for heading, body in sections("reference/tables.md").items()
        if heading.startswith("Table ")
    }
    assert {
        heading.removeprefix("Table "): first_codes(body) for heading, body in documented.items()
    } == tables


def test_dictionary_holds_every_table_and_view_and_no_other() -> None:
    documented = {
        heading
        for heading in sections("reference/tables.md")
        if re.fullmatch(r"\w+", heading) and heading not in {"Tables", "Views", "Terms"}
    }
    assert documented == set(described())


@each_row("table", described())
def test_dictionary_holds_every_column_in_its_order(table: str) -> None:
    assert first_codes(sections("reference/tables.md")[table]) == schema()[table]


@each_row("table", [name for name in schema() if HELPERS.fullmatch(name)])
def test_dictionary_names_helper_tables(table: str) -> None:
    assert f"`{table}`" in (ROOT / "docs" / "reference" / "tables.md").read_text("utf-8")


@each_row("column", TERMS)
def test_dictionary_holds_every_term_of_a_column(column: str) -> None:
    assert set(first_codes(sections("reference/tables.md")[column])) == TERMS[column]


def term_columns() -> list[str]:
    return [heading for heading in sections("reference/tables.md") if "." in heading]


@each_row("column", term_columns())
def test_terms_belong_to_a_real_column(column: str) -> None:
    table, _, name = column.partition(".")
    assert name in schema()[table]


@each_row("column", [*term_columns(), "observations.verdict"])
def test_every_term_in_an_archive_is_documented(archive: Path, column: str) -> None:
    table, _, name = column.partition(".")
    found = {word for (word,) in in_archive(archive, f"SELECT DISTINCT {name} FROM {table}")}
    assert found <= set(
        first_codes(
            sections("reference/tables.md")["captures.verdict" if name == "verdict" else column]
        )
    )


@pytest.mark.parametrize("number", range(3))
def test_example_query_has_an_answer(archive: Path, number: int) -> None:
    sql, shown = re.findall(
        r"```sql\n(.+?)```\s+```\n(.+?)```",
        sections("reference/tables.md")["Three questions"],
        re.S,
    )[number]
    answer = [
        " ".join("" if cell is None else str(cell) for cell in row)
        for row in in_archive(archive, sql)
    ]
    assert normalize("\n".join(answer)) == normalize(re.sub(r"^.+\n-.+\n", "", shown))


# --- docs/reference/commands.md -------------------------------------------------


def test_every_command_is_documented_and_no_other() -> None:
    documented = {
        heading.removeprefix("blogkeep ")
        for heading in sections("reference/commands.md")
        if heading.startswith("blogkeep ")
    }
    assert documented == set(commands())


@each_row("name", commands())
def test_every_option_is_documented_and_no_other(name: str) -> None:
    documented = first_codes(sections("reference/commands.md")[f"blogkeep {name}"])
    assert set(documented) == options(commands()[name]) - COMMON


def test_options_of_every_command_are_documented() -> None:
    documented = first_codes(sections("reference/commands.md")["Options that every command takes"])
    assert set(documented) == COMMON
    assert all(options(command) >= COMMON for command in commands().values())


@each_row("name", commands())
def test_command_has_an_example_and_its_exit_codes(name: str) -> None:
    text = sections("reference/commands.md")[f"blogkeep {name}"]
    assert f"\n$ blogkeep {name}" in text
    assert re.search(r"\nExit codes: 0 .+?; 1 .+?;\s2 ", text, re.S)


def test_every_target_of_make_is_documented_and_no_other() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert {row[0] for row in table_rows(sections("reference/commands.md")["make"])} == {
        f"`make {target}`" for target in targets
    }


@pytest.mark.integration
def test_make_serve_takes_a_port() -> None:
    done = subprocess.run(
        ["make", "-n", "serve", "PORT=8499"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # Below another make, as `make test` is, it also prints which folder it enters.
    assert "/blogkeep serve --port 8499\n" in done.stdout


@cache
def mentions() -> list[tuple[str, str]]:
    """Each page with each command line in it: in code blocks, and in code within sentences."""
    found = []
    for page in pages():
        text = page.read_text("utf-8")
        lines = re.findall(r"(?:^|[`$/ ])blogkeep ([a-z][^`\n]*)", text, re.M)
        found += [(str(page.relative_to(ROOT)), line.partition("  #")[0]) for line in lines]
    return [(page, line) for page, line in found if line.split()[0] in commands()]


@each_row("page", sorted({page for page, _ in mentions()}))
def test_options_in_a_page_are_those_of_the_command(page: str) -> None:
    for _, line in [mention for mention in mentions() if mention[0] == page]:
        name = line.split()[0]
        named = re.findall(r"(?<=\s)--?[A-Za-z][\w-]*", line)
        assert set(named) <= options(commands()[name]), line


@each_row("page", [str(page.relative_to(ROOT)) for page in pages()])
def test_commands_in_blocks_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    blocks = re.findall(r"^```(?:sh|console)[^\n]*\n(.+?)^```", text, re.S | re.M)
    named = re.findall(r"^(?:\$ |\S*/)?blogkeep ([a-z]\w*)", "".join(blocks), re.M)
    assert set(named) <= set(commands())


# --- docs/reference/posts.md -------------------------------------------------


def test_every_field_of_an_exported_post_is_documented_in_order() -> None:
    text = (ROOT / "docs" / "reference" / "posts.md").read_text("utf-8")
    assert first_codes(text) == [field.name for field in fields(CleanPost)]


# --- docs/reference/settings.md -------------------------------------------------


def setting_rows() -> list[list[str]]:
    return table_rows(sections("reference/settings.md")["Ours"]) + table_rows(
        sections("reference/settings.md")["Scrapy's, as set here"]
    )


def test_every_setting_of_ours_is_documented_and_no_other() -> None:
    assert set(first_codes(sections("reference/settings.md")["Ours"])) == {
        name for name in settings() if name.startswith("ARCHIVE_")
    }


def test_every_changed_setting_of_scrapy_is_documented_and_no_other() -> None:
    documented = first_codes(sections("reference/settings.md")["Scrapy's, as set here"])
    assert set(documented) == {name for name in settings() if not name.startswith("ARCHIVE_")}


@each_row(
    "row",
    [row for row in setting_rows() if row[1].startswith("`")],
    ids=lambda row: row[0].strip("`"),
)
def test_documented_value_of_a_setting_is_the_real_one(row: list[str]) -> None:
    assert ast.literal_eval(row[1].strip("`")) == settings()[row[0].strip("`")]


@cache
def sources() -> list[str]:
    return [
        path.read_text("utf-8")
        for path in (ROOT / "scraper").rglob("*.py")
        if path.name != "settings.py"
    ]


@each_row(
    "row", table_rows(sections("reference/settings.md")["Ours"]), ids=lambda row: row[0].strip("`")
)
def test_named_user_of_a_setting_reads_it(row: list[str]) -> None:
    name = row[0].strip("`")
    for user in re.findall(r"`(\w+)`", row[-1]):
        assert any(f"class {user}" in source and name in source for source in sources()), (
            f"{user} does not read {name}"
        )


@each_row(
    "row", table_rows(sections("reference/settings.md")["Ours"]), ids=lambda row: row[0].strip("`")
)
def test_named_command_of_a_setting_reads_it(row: list[str]) -> None:
    name = row[0].strip("`")
    for user in set(re.findall(r"`blogkeep (\w+)", row[-1])):
        module = (ROOT / "scraper" / "commands" / f"{user}.py").read_text("utf-8")
        assert set(re.findall(r"\w+", module)) & readers(name), f"{user} does not read {name}"


def readers(setting: str) -> set[str]:
    """A setting and the functions of `scraper.cli` that read it, themselves or by others there."""
    found, before = {setting}, set[str]()
    while found != before:
        before = found
        found = found | {name for name, words in functions_of_cli().items() if words & found}
    return found


@cache
def functions_of_cli() -> dict[str, set[str]]:
    """The words of each function."""
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "scraper" / "cli").glob("*.py")]
    return {
        node.name: set(re.findall(r"\w+", ast.unparse(node)))
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


# --- docs/reference/stores-file.md -------------------------------------------------


def test_every_key_of_a_store_is_documented_and_no_other() -> None:
    assert first_codes(sections("reference/stores-file.md")["Stores"]) == list(KEYS)


@pytest.mark.parametrize(("section", "keys"), [("Channels", CHANNEL_KEYS), ("Alerts", ALERT_KEYS)])
def test_every_key_of_a_channel_and_an_alert_is_documented_and_no_other(
    section: str, keys: dict[str, object]
) -> None:
    assert first_codes(sections("reference/stores-file.md")[section]) == list(keys)


@pytest.mark.parametrize("section", ["Channels", "Alerts"])
def test_example_of_channels_and_alerts_can_be_read(section: str) -> None:
    (example,) = re.findall(
        r"```toml\n(.+?)```", sections("reference/stores-file.md")[section], re.S
    )
    store = '[stores.tea]\nurl = "https://tea.example"\nschedule = "0 5 * * *"\n'
    names = "".join(
        f'[channels.{name}]\nwebhook = "https://x.example"\n'
        for name in ("chat", "ann")
        if section == "Alerts"
    )
    found = parse_stores((store if section == "Alerts" else "") + example + names)
    assert found.channels


def test_example_of_the_file_of_stores_can_be_read() -> None:
    (example,) = re.findall(
        r"```toml\n(.+?)```", sections("reference/stores-file.md")["Stores"], re.S
    )
    assert list(parse_stores(example).stores) == ["tea", "coffee"]


# --- all pages -------------------------------------------------


PAGES = sorted(str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md"))


@each_row("page", PAGES)
def test_paths_named_in_a_page_exist(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    named = set(re.findall(r"`?((?:scraper|tests|docs|deploy|\.ci)/[\w./-]+)`?", text))
    assert [path for path in sorted(named) if not (ROOT / path.rstrip(".")).exists()] == []


@each_row("page", PAGES)
def test_names_in_a_module_named_in_a_page_exist(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    named = re.findall(r"`(\w+)` in\s+`(scraper/[^`]+\.py)`", text)
    named += [pair[::-1] for pair in re.findall(r"`(scraper/[^`]+\.py)`\s+\(`(\w+)`\)", text)]
    modules = {path: (ROOT / path).read_text("utf-8") for _, path in named}
    wrong = [
        f"{name} in {path}"
        for name, path in named
        if not re.search(rf"^\s*(?:(?:async )?def |class )?{name}\b", modules[path], re.MULTILINE)
    ]
    assert wrong == []


def test_every_address_of_the_web_interface_is_documented() -> None:
    routes = [route for route in plugin._ROUTES if route not in plugin._FIXED_ROUTES]
    begun = {found[1] for pattern, _ in routes if (found := re.match(r"\^(/-/\w+)", pattern))}
    documented = (ROOT / "docs" / "how-to" / "serve.md").read_text("utf-8")
    assert [address for address in sorted(begun) if f"`{address}" not in documented] == []


def test_every_library_asked_for_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    names = [re.match(r"[a-z][\w-]*", line)[0] for group in groups for line in group]
    asked = [name for name in names if name != project["name"]]
    rows = re.findall(
        r"^\| ([a-z][\w-]*) \|",
        (ROOT / "docs" / "contributing" / "libraries.md").read_text("utf-8"),
        re.M,
    )
    assert [row for row in rows if row != "library"] == asked


# --- scraper/web/metadata.json -------------------------------------------------


def test_datasette_describes_every_table_and_no_other() -> None:
    assert set(metadata()["tables"]) == set(schema())


@each_row("table", described())
def test_datasette_and_dictionary_describe_a_table_alike(table: str) -> None:
    entry = metadata()["tables"][table]
    if entry.get("hidden"):
        return
    dictionary = {
        row[0].strip("`"): row[1].replace("`", "")
        for row in table_rows(sections("reference/tables.md")[table])
    }
    assert entry["columns"] == dictionary
    assert entry["description"] == sections("reference/tables.md")[table].strip().splitlines()[0]


@each_row("table", described())
def test_datasette_names_only_real_columns(table: str) -> None:
    entry = metadata()["tables"][table]
    named: Iterable[str] = [
        *entry.get("facets", []),
        *entry.get("units", {}),
        *(entry[key] for key in ("label_column", "sort", "sort_desc", "fts_pk") if key in entry),
    ]
    assert [column for column in named if column not in schema()[table]] == []


def test_helper_tables_and_the_index_are_hidden() -> None:
    hidden = {name for name, entry in metadata()["tables"].items() if entry.get("hidden")}
    assert hidden == {name for name in schema() if HELPERS.fullmatch(name)} | {"revisions_fts"}


@each_row("table", described())
def test_page_of_a_table_can_be_read(get: Callable[[str], httpx.Response], table: str) -> None:
    answer = get(f"/archive/{table}")
    assert answer.status_code == 200
    assert metadata()["tables"][table].get("description", "") in unescape(answer.text)


@pytest.mark.parametrize(
    ("table", "words", "count"),
    [
        pytest.param(
            "revisions", "stops night cramps for good", 1, id="what was put back, in all history"
        ),
        pytest.param(
            "revisions",
            "may ease night cramps for some people",
            1,
            id="what was taken back, in all history",
        ),
        pytest.param(
            "posts", "stops night cramps for good", 1, id="what was put back, in what stands now"
        ),
        pytest.param(
            "posts",
            "may ease night cramps for some people",
            0,
            id="what was taken back, in what stands now",
        ),
    ],
)
def test_search(get: Callable[[str], httpx.Response], table: str, words: str, count: int) -> None:
    answer = get(f"/archive/{table}.json?_search={words.replace(' ', '+')}")
    assert answer.status_code == 200
    assert answer.json()["filtered_table_rows_count"] == count


@each_row("slug", metadata()["queries"])
def test_query_has_rows(get: Callable[[str], httpx.Response], slug: str) -> None:
    entry = metadata()["queries"][slug]
    words = "?words=magnesium" if "params" in entry else ""
    assert get(f"/archive/{slug}{words}").status_code == 200
    answer = get(f"/archive/{slug}.json{words}")
    assert answer.status_code == 200
    assert answer.json()["rows"] or slug in MAY_BE_EMPTY


def test_search_without_words_is_no_error(get: Callable[[str], httpx.Response]) -> None:
    assert get("/archive/search-revisions").status_code == 200


def test_silent_edits_leave_out_edits_with_a_date_in_the_feed(
    get: Callable[[str], httpx.Response],
) -> None:
    found = get("/archive/silent-edits.json?_shape=array").json()
    edited = {(row["post"], row["kind"]) for row in found}
    assert ("Does magnesium help with night cramps?", "edited") in edited
    # In the feed's newest thirty, whose `updated` moved with the edit.
    assert ("Ready for the clocks to go forward?", "edited") not in edited
