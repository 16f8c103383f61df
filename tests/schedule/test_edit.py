"""Edits of a file of stores: only what was asked changes, comments stay."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.exceptions import StoresProblem
from scraper.schedule.timetable.edit import HEAD, add_store, edit_store, remove_store
from tests.schedule.test_stores import WHOLE

NEW = {"url": "https://new.example", "schedule": "0 4 * * *", "timezone": None}


def test_first_store_makes_the_file() -> None:
    assert (
        add_store("", "new", NEW)
        == HEAD + '\n[stores.new]\nurl = "https://new.example"\nschedule = "0 4 * * *"\n'
    )


def test_another_store_comes_last_and_all_else_stays() -> None:
    assert (
        add_store(WHOLE, "new.example", NEW)
        == WHOLE + '\n[stores."new.example"]\nurl = "https://new.example"\nschedule = "0 4 * * *"\n'
    )


def test_edit_changes_the_lines_it_must() -> None:
    edited = edit_store(WHOLE, "tea", {"window": None, "rate": 0.25, "jitter_minutes": 5})
    assert edited == WHOLE.replace(
        '/blogs/news"\nwindow = "22:00-05:30"\nrate = 0.5\n',
        '/blogs/news"\njitter_minutes = 5\nrate = 0.25\n',
    )


COMMENTED = """\
# top
[stores.a] # the first
url = "https://a.example" # its home
schedule = "0 4 * * *" # early

# about b,
# the second
[stores.b]
url = "https://b.example"
schedule = "0 4 * * *"

# the end
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_comments_stay_where_they_belong(newline: str) -> None:
    text = COMMENTED.replace("\n", newline)
    assert edit_store(text, "a", {"schedule": "0 5 * * *", "paused": True}) == COMMENTED.replace(
        'home\nschedule = "0 4 * * *"', 'home\npaused = true\nschedule = "0 5 * * *"'
    ).replace("\n", newline)
    assert remove_store(text, "a") == (
        COMMENTED[:6] + COMMENTED[COMMENTED.index("# about b") :]
    ).replace("\n", newline)
    assert remove_store(text, "b") == (
        COMMENTED[: COMMENTED.index("[stores.b]")] + "# the end\n"
    ).replace("\n", newline)


def test_removed_store_goes_with_its_alerts() -> None:
    assert (
        remove_store(WHOLE, "tea")
        == WHOLE[: WHOLE.index("[stores.tea]")] + WHOLE[WHOLE.index('[stores."coffee.example"]') :]
    )


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(
            lambda: add_store(
                WHOLE, "new", {"url": "https://tea.example", "schedule": "0 4 * * *"}
            ),
            id="twin",
        ),
        pytest.param(lambda: add_store(WHOLE, "tea", NEW), id="taken name"),
        pytest.param(lambda: add_store("stores = {}\n", "new", NEW), id="closed table"),
        pytest.param(lambda: edit_store(WHOLE, "tea", {"schedule": "0 25 * * *"}), id="bad value"),
        pytest.param(lambda: edit_store(WHOLE, "tea", {"url": None}), id="needed key"),
        pytest.param(lambda: remove_store("no toml", "tea"), id="no TOML"),
    ],
)
def test_edit_that_makes_no_good_file_is_refused(edit) -> None:
    with pytest.raises(StoresProblem):
        edit()


STORES = (
    '[stores.{name}]\nurl = "https://{name}.example" # home\nschedule = "0 4 * * *"\n',
    'stores.{name}.url = "https://{name}.example"\nstores.{name}.schedule = "0 4 * * *"\n',
    '[stores]\n{name} = {{url = "https://{name}.example", schedule = "0 4 * * *"}}\n',
    (
        '[stores.{name}]\nschedule = "0 4 * * *"\nurl = "https://{name}.example"\n'
        '[[stores.{name}.alerts]]\nkinds = ["removed"]\n\n# between\n'
    ),
)


@given(st.lists(st.sampled_from(STORES), min_size=1, max_size=4), st.booleans(), st.data())
def test_whatever_the_layout_an_edit_is_right_or_refused(
    parts: list[str], with_middle: bool, data: st.DataObject
) -> None:
    middle = "\n[channels.team]\nwebhook = 'https://x.example'\n\n" if with_middle else ""
    text = "\n".join(
        part.format(name="abcd"[place]) + (middle if place == 1 else "")
        for place, part in enumerate(parts)
    )
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # such parts do not go together
    name = data.draw(st.sampled_from(sorted(before["stores"])))
    for edit, wanted in (
        (
            lambda: edit_store(text, name, {"rate": 0.5}),
            before["stores"] | {name: before["stores"][name] | {"rate": 0.5}},
        ),
        (
            lambda: remove_store(text, name),
            {key: store for key, store in before["stores"].items() if key != name},
        ),
    ):
        try:
            after = tomllib.loads(edit())
        except StoresProblem:
            continue
        assert after.get("stores", {}) == wanted
        assert after.get("channels") == before.get("channels")
