"""Put a bundle together: its files, the list of their hashes, and the script that checks them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from hashlib import sha256
from importlib.resources import files as package_files
from typing import IO, Any, Final

from sqlite_utils import Database

from scraper import __version__
from scraper.bundle.proof import Proof, leaf_name, prove
from scraper.bundle.sheets import heading, render_sheets, sentences
from scraper.bundle.subject import Subject
from scraper.bundle.wacz import WaczPage, make_wacz

CHECKER: Final = "verify.sh"


def write_bundle(
    out: IO[bytes],
    db: Database,
    subject: Subject,
    *,
    made_at: str,
    print_page: Callable[[bytes], bytes] | None = None,
) -> Proof:
    """Write the bundle of a subject as a ZIP; `print_page` makes a PDF of a page, if there is
    something to print with. Returns its proof."""
    proof = prove(db, subject.wanted_rows(db), _checks(subject))
    contents = _contents(subject, proof, made_at)
    if print_page and (printed := print_page(contents["comparison.html"])):
        contents["comparison.pdf"] = printed
    contents |= _checker(contents, proof)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in sorted(contents.items()):
            package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return proof


def _checks(subject: Subject) -> dict[str, list[str]]:
    """Lines of the proof that lead from a leaf to the files whose hash it states."""
    bodies = {
        leaf_name("captures", capture_id): [f"body {_answer_file(capture_id)}"]
        for capture_id, answer in subject.answers.items()
        if answer.body
    }
    texts = {
        leaf_name("revisions", revision.id): [f"content {_text_file(revision.number)}"]
        for revision in subject.revisions
    }
    return bodies | texts


def _contents(subject: Subject, proof: Proof, made_at: str) -> dict[str, bytes]:
    contents = {
        **render_sheets(subject, proof, made_at),
        **proof.files,
        "proof.txt": "".join(f"{line}\n" for line in proof.lines).encode(),
        "facts.json": _facts(subject, proof, made_at),
        "captures.wacz": make_wacz(
            _pages(subject),
            title=heading(subject),
            software=f"Blogkeep {__version__}",
            created=made_at,
        ),
    }
    for capture_id, answer in subject.answers.items():
        contents[_answer_file(capture_id)] = answer.body
    for revision in subject.revisions:
        name = _text_file(revision.number)
        contents[f"{name}.html"] = revision.html.encode()
        contents[f"{name}.md"] = revision.markdown.encode()
        contents[f"{name}.txt"] = revision.text.encode()
    return contents


def _pages(subject: Subject) -> list[WaczPage]:
    return [
        WaczPage(capture=subject.rows[capture.id], answer=subject.answers[capture.id])
        for capture in subject.captures
        if capture.id in subject.answers
    ]


def _facts(subject: Subject, proof: Proof, made_at: str) -> bytes:
    evidence = subject.evidence
    facts: dict[str, Any] = {
        "heading": heading(subject),
        "sentences": sentences(subject),
        "made_at": made_at,
        "software": f"Blogkeep {__version__}",
        "post": asdict(subject.post),
        "change": asdict(evidence.change) if evidence else None,
        "standing": evidence.standing if evidence else "",
        "witness": evidence.witness if evidence else "",
        "time": subject.time,
        "revisions": [
            {name: value for name, value in asdict(revision).items() if name not in _LONG}
            for revision in subject.revisions
        ],
        "captures": [asdict(capture) for capture in subject.captures],
        "lost": subject.lost,
        "seals": [asdict(seal) for seal in proof.seals],
        "stamps": [
            {"authority": one.authority, "stamped_at": one.stamped_at, "root": one.root}
            for one in proof.stamps
        ],
        "unsealed": proof.unsealed,
    }
    return json.dumps(facts, ensure_ascii=True, indent=1).encode()


_LONG: Final = frozenset({"html", "markdown", "text"})
"""Of a revision, what has files of its own."""


def _checker(contents: Mapping[str, bytes], proof: Proof) -> dict[str, bytes]:
    """The list of hashes, the script that knows the hash of that list, and the script's own."""
    manifest = "".join(
        f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items())
    ).encode()
    words = [line.partition(" ")[0] for line in proof.lines]
    script = _template(CHECKER)
    for name, value in (
        ("@MANIFEST@", sha256(manifest).hexdigest()),
        ("@LEAVES@", str(words.count("leaf"))),
        ("@STAMPS@", str(words.count("stamp"))),
    ):
        script = script.replace(name, value)
    own = f"{sha256(script.encode()).hexdigest()}  -"
    return {
        "manifest.sha256": manifest,
        CHECKER: script.encode(),
        f"{CHECKER}.sha256": own.encode(),
    }


def _template(name: str) -> str:
    return (package_files("scraper.bundle") / "templates" / name).read_text("utf-8")


def _answer_file(capture_id: int) -> str:
    return f"answers/{capture_id}.body"


def _text_file(number: int) -> str:
    return f"text/revision-{number}"
