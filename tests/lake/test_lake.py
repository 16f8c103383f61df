"""`blogkeep lake export`: the Parquet files have what the archives have, and the questions of the
guide their answers."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from scraper.archive.database import open_for_reading, open_for_writing
from scraper.cli.main import main
from scraper.lake import writer
from scraper.lake.tables import LAKE_TABLES
from scraper.lake.writer import new_lake
from tests.archive.shop import Shop
from tests.conftest import ROOT, Command, ThreeDays, rows
from tests.each_row import each_row
from tests.factories import make_post
from tests.test_docs import sections, table_rows

GUIDE = (ROOT / "docs" / "how-to" / "ask-across-stores.md").read_text("utf-8")
OPENING, NOW, FIRST, SOFTENED = re.findall(r"^```sql\n(.*?)^```", GUIDE, re.M | re.S)
SAID = "Tea stops night cramps."
STRONG = f"{SAID}\nDrink it slowly."
WEAK = "Tea may ease night cramps.\nDrink it slowly."
TYPES = {
    "int64": "integer",
    "string": "text",
    "double": "number",
    "bool": "boolean",
    "timestamp[us, tz=UTC]": "timestamp",
    "list<item: string>": "list of texts",
}


@pytest.fixture(scope="module")
def lake(
    blogkeep: Command, three_days: ThreeDays, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The demo store's archive after three days, exported."""
    folder = tmp_path_factory.mktemp("exported") / "lake"
    done = blogkeep("lake", "export", str(folder), "--db", str(three_days.db), "--json")
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts == {
        "folder": str(folder),
        "stores": 1,
        **{name: pq.read_metadata(folder / f"{name}.parquet").num_rows for name in LAKE_TABLES},
    }
    return folder


def read(folder: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return found


@each_row("table", LAKE_TABLES)
def test_each_table_has_every_row_of_the_archive(
    table: str, lake: Path, three_days: ThreeDays
) -> None:
    found = [row["id"] for row in read(lake, table)]
    assert sorted(found) == [
        id for (id,) in rows(three_days.db, f"SELECT id FROM {table} ORDER BY id")
    ]
    assert {row["store"] for row in read(lake, table)} == {"hollow-fern.example"}


def test_rows_are_sorted_by_post(lake: Path) -> None:
    for table, post in {"posts": "id", "links": "from_post_id"}.items():
        found = [row[post] for row in read(lake, table)]
        assert found == sorted(found), table
    versions = [(row["post_id"], row["number"]) for row in read(lake, "revisions")]
    assert versions == sorted(versions)


def test_texts_are_those_of_the_archive(lake: Path, three_days: ThreeDays) -> None:
    found = [(r["id"], r["title"], r["text"], r["html"]) for r in read(lake, "revisions")]
    assert sorted(found) == rows(
        three_days.db,
        "SELECT revisions.id, title, text, html FROM revisions "
        "JOIN contents ON contents.id = content_id ORDER BY revisions.id",
    )


def test_fields_of_changes_are_those_of_the_archive(lake: Path, three_days: ThreeDays) -> None:
    found = [
        (change["id"], field["field"], field["old_value"], field["new_value"])
        for change in sorted(read(lake, "changes"), key=lambda change: change["id"])
        for field in change["fields"]
    ]
    assert found == rows(
        three_days.db,
        "SELECT change_id, field, old_value, new_value FROM change_fields ORDER BY change_id, id",
    )


def test_times_are_utc_and_null_without_one(lake: Path, three_days: ThreeDays) -> None:
    found = [
        (row["id"], *(row[name] and f"{row[name]:%Y-%m-%dT%H:%M:%SZ}" for name in BRACKET))
        for row in read(lake, "changes")
    ]
    archived = rows(three_days.db, "SELECT id, not_before, not_after FROM changes ORDER BY id")
    assert sorted(found) == archived
    assert None in [not_before for _, not_before, _ in found]


BRACKET = ("not_before", "not_after")


def test_a_bare_date_can_be_recognised(two: tuple[Path, Path], tmp_path: Path) -> None:
    assert main(["lake", "export", str(tmp_path / "lake"), *map(str, two)]) == 0
    dates = {
        row["store"]: (str(row["published_at"]), row["published_text"])
        for row in read(tmp_path / "lake", "posts")
    }
    assert dates["barley.example"] == ("2026-02-01 00:00:00+00:00", "2026-02-01")
    assert dates["anise.example"] == ("None", "")


@each_row("table", LAKE_TABLES)
def test_every_column_is_documented_with_its_type(table: str) -> None:
    described = table_rows(sections("reference/lake.md")[f"{table}.parquet"])
    expected = [
        [f"`{column.name}`", TYPES.get(str(column.type), "list of objects")]
        for column in LAKE_TABLES[table]
    ]
    assert [row[:2] for row in described] == expected


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two archives. Of four stores, anise said it at the first look and softened it, clove came to
    say it, then barley; dill came to say it with clove, and removed the post;
    elder removed and restored it."""
    folder = tmp_path_factory.mktemp("two")
    one, other = folder / "one.db", folder / "other.db"
    for path, stores in {
        one: {"anise": [STRONG, STRONG, WEAK], "clove": [WEAK, STRONG, STRONG]},
        other: {
            "barley": [WEAK, WEAK, STRONG],
            "dill": [WEAK, STRONG, None, None],
            "elder": [STRONG, None, None, STRONG],
        },
    }.items():
        with closing(open_for_writing(path)) as db:
            for name, texts in stores.items():
                write(Shop(db, f"https://{name}.example"), texts)
    return one, other


def write(shop: Shop, texts: Sequence[str | None]) -> None:
    """A crawl for each text of a post, among nine that stay as they are; None finds it gone."""
    published = {"https://barley.example": "2026-02-01"}.get(shop.origin, "")
    url = f"{shop.origin}/blogs/news/slow-tea"
    others = [make_post(url=f"{url}-{n}", published_at=published) for n in range(9)]
    for day, text in enumerate(texts, start=1):
        posts = [make_post(url=url, text=text, published_at=published)] if text else []
        shop.crawl(day, *posts, *others, gone=[] if text else [url])


def answers(folder: Path, *questions: str) -> list[list[tuple[Any, ...]]]:
    """The rows of each question of the guide, times as text, asked beside the folder."""
    import duckdb  # noqa: PLC0415

    found = []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(OPENING.replace("'lake/", f"'{folder}/"))
        for question in questions:
            rows = connection.execute(question).fetchall()
            found.append([tuple(map(str, row)) for row in rows])
    return found


@pytest.fixture(scope="module")
def both(two: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("both") / "lake"
    assert main(["lake", "export", str(folder), *map(str, reversed(two))]) == 0
    return folder


@pytest.mark.parametrize("table", LAKE_TABLES)
def test_stores_of_several_archives_are_sorted(both: Path, table: str) -> None:
    found = [row["store"] for row in read(both, table)]
    assert found == sorted(found)
    assert len(set(found)) == (0 if table == "links" else 5)


def test_which_stores_claim_it_since_when(both: Path) -> None:
    ((*found,),) = answers(both, NOW)
    assert [(row[0], *row[3:]) for row in found] == [
        ("clove.example", "2026-03-01 06:01:00+00:00", "2026-03-02 06:01:00+00:00", "observed"),
        ("barley.example", "2026-03-02 06:01:00+00:00", "2026-03-03 06:01:00+00:00", "observed"),
        ("elder.example", "2026-03-03 06:30:00+00:00", "2026-03-04 06:01:00+00:00", "observed"),
    ]


def test_who_said_it_first(both: Path) -> None:
    _, found = answers(both, NOW, FIRST)
    assert [(row[0], *row[3:5]) for row in found] == [
        ("anise.example", "None", "2026-03-01 06:01:00+00:00"),
        ("elder.example", "None", "2026-03-01 06:01:00+00:00"),
        ("clove.example", "2026-03-01 06:01:00+00:00", "2026-03-02 06:01:00+00:00"),
        ("dill.example", "2026-03-01 06:01:00+00:00", "2026-03-02 06:01:00+00:00"),
        ("barley.example", "2026-03-02 06:01:00+00:00", "2026-03-03 06:01:00+00:00"),
    ]


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (
            "2026-03",
            [
                ("anise.example", "edited", f"['{SAID}']", "['Tea may ease night cramps.']"),
                ("dill.example", "removed", f"['{SAID}']", "[]"),
                ("elder.example", "removed", f"['{SAID}']", "[]"),
            ],
        ),
        ("2026-04", []),
    ],
)
def test_what_was_softened_or_removed_in_a_month(
    both: Path, month: str, expected: list[tuple[str, ...]]
) -> None:
    later = f"(TIMESTAMPTZ '{month}-15 00:00:00Z' + INTERVAL 1 MONTH)"
    (found,) = answers(both, SOFTENED.replace("now()", later))
    assert [(row[0], row[3], *row[-2:]) for row in found] == expected


def test_questions_of_the_guide_about_the_demo_store(lake: Path, three_days: ThreeDays) -> None:
    (row,) = answers(lake, NOW)[0]
    ((title, not_before, not_after),) = rows(
        three_days.db,
        "SELECT title, replace(substr(not_before, 1, 19), 'T', ' ') || '+00:00', "
        "replace(substr(not_after, 1, 19), 'T', ' ') || '+00:00' "
        "FROM changes JOIN posts ON posts.id = post_id "
        "WHERE is_revert AND kind = 'edited' AND handle = 'magnesium-and-muscle-cramps'",
    )
    assert (row[1], *row[3:5]) == (title, not_before, not_after)


def test_a_store_in_two_archives_is_refused_and_nothing_written(
    two: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lake", "export", str(tmp_path / "lake"), str(two[0]), str(two[0])]) == 2
    assert capsys.readouterr().err.startswith("blogkeep: anise.example is in two of these")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_left_alone(
    two: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["lake", "export", str(tmp_path), str(two[0])]) == 1
    assert capsys.readouterr().err.endswith("is there already: name another folder\n")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "words", [[], ["import", "lake"], ["export"], ["export", "lake", "a.db", "--db", "b.db"]]
)
def test_wrong_words_are_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lake", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_changes_of_a_crawl_that_runs_are_left_out(db_path: Path, tmp_path: Path) -> None:
    with closing(open_for_writing(db_path)) as db:
        Shop(db).crawl(1, make_post())
        db.execute("UPDATE crawls SET outcome = 'running', finished_at = NULL")
    assert main(["lake", "export", str(tmp_path / "lake"), str(db_path)]) == 0
    assert len(read(tmp_path / "lake", "posts")) == 1
    assert read(tmp_path / "lake", "changes") == []


@pytest.mark.parametrize("authors", ["[" * 20_000, '[{"a": 1}]', "[5]", "5", "", "Mara"])
def test_values_of_somebody_elses_archive_that_cannot_be_read_are_one_line(
    db_path: Path, tmp_path: Path, authors: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(open_for_writing(db_path)) as db:
        Shop(db).crawl(1, make_post())
        db.execute("UPDATE posts SET authors = ?", [authors])
    assert main(["lake", "export", str(tmp_path / "lake"), str(db_path)]) == 1
    told = capsys.readouterr().err
    assert (told.count("\n"), "posts 1" in told) == (1, True)
    assert not (tmp_path / "lake").exists()


def test_of_several_archives_the_damaged_one_is_named(
    two: tuple[Path, Path],
    db_path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with closing(open_for_writing(db_path)) as db:
        Shop(db).crawl(1, make_post())
        db.execute("UPDATE posts SET title = CAST(x'ff' AS TEXT)")
    assert main(["lake", "export", str(tmp_path / "lake"), str(two[0]), str(db_path)]) == 1
    assert capsys.readouterr().err.startswith(f"blogkeep: {db_path} is damaged or altered: ")


def test_row_groups_are_bounded(
    three_days: ThreeDays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "GROUP_ROWS", 30)
    monkeypatch.setattr(writer, "GROUP_CHARACTERS", 50_000)
    with new_lake(tmp_path / "lake") as lake, closing(open_for_reading(three_days.db)) as db:
        lake.add(db, ["hollow-fern.example"])
    for table, least in {"posts": 75 // 30 + 1, "revisions": 6}.items():
        metadata = pq.read_metadata(tmp_path / "lake" / f"{table}.parquet")
        assert metadata.num_row_groups >= least
        groups = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
        assert max(groups) <= 30


def test_without_the_library_the_command_says_how_to_install_it(
    two: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as where it is not installed
    for module in ("tables", "writer"):
        monkeypatch.delitem(sys.modules, f"scraper.lake.{module}")
    assert main(["lake", "export", str(tmp_path / "lake"), str(two[0])]) == 1
    problem = "the library pyarrow is not installed: run pip install 'blogkeep[lake]'"
    assert capsys.readouterr().err == f"blogkeep: {problem}\n"
