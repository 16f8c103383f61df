"""Lines of output: whole in a file, broken between words on a terminal."""

from __future__ import annotations

from scraper.cli.output import fold
from tests.each_row import each_row

LINE = "    “Magnesium stops night cramps for good, says the post.” (revision 2)"


@each_row("width", [0, 14, 40, 80])
@each_row("hanging", [0, 2])
@each_row("line", [LINE, "", "word", f"a  {'x' * 100} b", "•  two  spaces stay"])
def test_a_line_is_broken_between_words_and_loses_none(line: str, width: int, hanging: int) -> None:
    folded = fold(line, width, hanging=hanging).split("\n")
    assert " ".join(folded).split() == line.split()
    assert all(len(part) <= width or len(part.split()) == 1 for part in folded if width)
    indent = " " * (len(line) - len(line.lstrip()) + hanging)
    assert all(part.startswith(f"{indent}{part.strip()[:1]}") for part in folded[1:])
    if not width or len(line) <= width:
        assert folded == [line]
