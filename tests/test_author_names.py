from __future__ import annotations

from scraper.author_names import join_authors, split_authors
from tests.each_row import each_row

LINES = {
    "": (),
    "Nora Quist": ("Nora Quist",),
    "Madonna": ("Madonna",),
    "Nora Quist, Ole Berg": ("Nora Quist", "Ole Berg"),
    "Nora Quist, RD, PhD": ("Nora Quist, RD, PhD",),
    "Nora Quist, RD, Ole Berg and Ann Ray": ("Nora Quist, RD", "Ole Berg", "Ann Ray"),
    "Nora Quist, Ole Berg, and Ann Ray": ("Nora Quist", "Ole Berg", "Ann Ray"),
    "Nora Quist & Ole Berg": ("Nora Quist", "Ole Berg"),
    "Nora Quist with Ole Berg": ("Nora Quist", "Ole Berg"),
    "Nora Quist und Ole Berg": ("Nora Quist", "Ole Berg"),
    "Нора Квист и Оле Берг": ("Нора Квист", "Оле Берг"),
    "نورا كويست و أولي بيرغ": ("نورا كويست", "أولي بيرغ"),
    "山田太郎、佐藤花子": ("山田太郎", "佐藤花子"),
    "Smith, John; Doe, Jane": ("Smith, John", "Doe, Jane"),
    "Fortnum & Mason": ("Fortnum & Mason",),
    "Fern Tea, LLC": ("Fern Tea, LLC",),
    "Martin Luther King, Jr.": ("Martin Luther King, Jr.",),
    "Anna and Ben Smith": ("Anna and Ben Smith",),
    "José Ortega y Gasset": ("José Ortega y Gasset",),
    "Nora Quist, Senior Potter": ("Nora Quist, Senior Potter",),
    "Nora Quist, Head of Clay": ("Nora Quist, Head of Clay",),
}


@each_row(("line", "names"), LINES.items(), ids=list(LINES))
def test_a_line_is_cut_only_between_full_names(line, names):
    assert split_authors(line) == names


@each_row(
    "names", [("Nora Quist", "Ole Berg"), ("Madonna", "Prince"), ("Smith, John", "Doe, Jane"), ()]
)
def test_joined_names_are_read_again(names):
    assert split_authors(join_authors(names)) == names
