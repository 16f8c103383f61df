"""Evidence bundles of the demo store: they check themselves with nothing of ours at hand, and fail
where one byte differs."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import zipfile
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from scraper.archive.captures.reader import StoredAnswer
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import open_for_writing
from scraper.archive.queries.captures import CaptureRow
from scraper.bundle.wacz import WaczPage, make_wacz, sort_key
from tests.archive.authority import time_stamping
from tests.archive.calendar import calendar
from tests.conftest import Command, ThreeDays, rows
from tests.factories import at

FLIPS = 15
TOOLS = ("sh", "cat", "sha256sum", "openssl")
SHEETS = ("README.txt", "certificate.html", "comparison.html")
POST = "journal/magnesium-and-muscle-cramps"


@pytest.fixture(scope="module")
def archive(
    blogkeep: Command, three_days: ThreeDays, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The demo store's archive with its captures, stamped; and `plain.zip`, a bundle of it from
    before its stamp was proven by OpenTimestamps too."""
    folder = tmp_path_factory.mktemp("evidence")
    path = folder / "archive.db"
    shutil.copy(three_days.db, path)
    shutil.copy(three_days.db.with_name("captures.db"), folder)
    (folder / "authority").mkdir()
    with time_stamping(folder / "authority") as authority, calendar() as found:
        roots = f"ARCHIVE_TSA_ROOTS={authority.roots}"
        proven = ("--opentimestamps", "--calendar", found.url)
        sealing = ("seal", "--db", str(path), "--authority", authority.url, "-s", roots)
        bundling = ("evidence", "--db", str(path), "--no-pdf", POST, str(folder / "plain.zip"))
        for words in (sealing, bundling, (*sealing, *proven)):
            done = blogkeep(*words)
            assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def bundle(blogkeep: Command, archive: Path) -> Path:
    """The bundle of the edit of a claim."""
    target = archive.with_name("edit.zip")
    done = blogkeep(
        "evidence", "--db", str(archive), "--change", str(edit(archive)), POST, str(target)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("stamped ")
    return target


def edit(archive: Path) -> int:
    ((change_id,),) = rows(
        archive,
        "SELECT min(changes.id) FROM changes JOIN posts ON posts.id = post_id "
        "WHERE kind = 'edited' AND handle = 'magnesium-and-muscle-cramps'",
    )
    return int(str(change_id))


@pytest.fixture
def unpacked(bundle: Path, tmp_path: Path) -> Path:
    return unpack(bundle, tmp_path)


def unpack(bundle: Path, folder: Path) -> Path:
    with zipfile.ZipFile(bundle) as package:
        package.extractall(folder / "bundle")
    (folder / "bin").mkdir()
    for tool in TOOLS:
        (folder / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return folder / "bundle"


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the bundle's own script, with nothing on the path but what it says it needs."""
    return subprocess.run(
        ["sh", "verify.sh"],
        cwd=folder,
        env={"PATH": str(folder.parent / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bundle_checks_itself(unpacked: Path) -> None:
    done = check(unpacked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "OK"
    assert "the stamp holds" in done.stdout
    assert "ots verify stamps/1.txt.ots" in done.stdout
    assert (unpacked / "stamps" / "1.txt.ots").read_bytes()[1:15] == b"OpenTimestamps"
    facts = json.loads((unpacked / "facts.json").read_text("utf-8"))
    assert facts["change"]["kind"] == "edited"
    listings = [one for one in facts["captures"] if one["resource_type"] == "sitemap"]
    assert len({one["crawl_id"] for one in listings}) == 2
    bodies = [(unpacked / "answers" / f"{one['id']}.body").read_text("utf-8") for one in listings]
    assert all("/magnesium-and-muscle-cramps" in body for body in bodies)
    assert facts["witness"] == "lastmod"
    old, new = ((unpacked / "text" / f"revision-{n}.txt").read_text("utf-8") for n in (1, 2))
    assert "stops night cramps" in old
    assert "may ease night cramps" in new
    page = (unpacked / "comparison.html").read_text("utf-8")
    assert "<del>stops</del> <ins>may ease</ins>" in page
    assert page.count("softened: stops → may ease night cramps") == 1
    assert "DRAFT" in (unpacked / "certificate.html").read_text("utf-8")


def test_a_stamp_needs_no_proof_of_opentimestamps(archive: Path, tmp_path: Path) -> None:
    plain = unpack(archive.with_name("plain.zip"), tmp_path)
    done = check(plain)
    assert (done.returncode, done.stderr, "the stamp holds" in done.stdout) == (0, "", True)
    assert list(plain.rglob("*.ots")) == []


def test_one_byte_that_differs_fails(unpacked: Path) -> None:
    """A few of all: `make attack` tries many, the script's own bytes among them."""
    chance = random.Random(21)
    paths = sorted(path for path in unpacked.rglob("*") if path.is_file())
    passed = []
    for path in chance.sample(paths, FLIPS):
        before = path.read_bytes()
        at, bit = chance.randrange(len(before)), 1 << chance.randrange(8)
        path.write_bytes(before[:at] + bytes([before[at] ^ bit]) + before[at + 1 :])
        if check(unpacked).returncode == 0:
            passed.append((path.name, at, bit))
        path.write_bytes(before)
    assert passed == []
    assert check(unpacked).returncode == 0


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("leaves/captures-{}.json", b'"http_status":200', b'"http_status":404', "does not lead"),
        ("answers/{}.body", b"magnesium", b"Magnesium", "is not what was sealed"),
        ("text/revision-1.txt", b"stops", b"STOPS", "is not what was sealed"),
        ("seals/2.json", b'"number":2', b'"number":9', "does not follow"),
        ("seals/3.json", b'"number":3', b'"number":9', "does not lead to the stamped root"),
        ("stamps/1.txt", b"", b"0", "does not lead to the stamped root"),
    ],
)
def test_a_forger_who_writes_new_hashes_is_found_out(
    unpacked: Path, name: str, old: bytes, new: bytes, reason: str
) -> None:
    """Whoever alters a file and computes the hashes of all files again fails at seals or stamp."""
    facts = json.loads((unpacked / "facts.json").read_text("utf-8"))
    forged = unpacked / name.format(facts["captures"][0]["id"])
    forged.write_bytes(forged.read_bytes().replace(old, new, 1))
    manifest, script = unpacked / "manifest.sha256", unpacked / "verify.sh"
    before = sha256(manifest.read_bytes()).hexdigest()
    names = [line.split("  ")[1] for line in manifest.read_text("utf-8").splitlines()]
    manifest.write_text(
        "".join(f"{sha256((unpacked / n).read_bytes()).hexdigest()}  {n}\n" for n in names)
    )
    after = sha256(manifest.read_bytes()).hexdigest()
    script.write_text(script.read_text("utf-8").replace(before, after))
    own = sha256(script.read_bytes()).hexdigest()
    (unpacked / "verify.sh.sha256").write_text(f"{own}  -")
    done = check(unpacked)
    assert done.returncode == 11
    assert reason in done.stdout


def test_the_captures_are_a_wacz(unpacked: Path) -> None:
    described, lines, pages = _read_wacz((unpacked / "captures.wacz").read_bytes())
    assert described["wacz_version"] == "1.1.1"
    assert (len(pages) - 1, len(lines)) == (2, 6)


def test_a_dump_has_one_address_in_record_index_and_pages() -> None:
    answer = StoredAnswer(
        url="My notes.txt",
        http_status=0,
        fetched_at=at(1),
        headers=(),
        body=b"Tea",
    )
    capture = CaptureRow(
        id=1,
        store="shop.example",
        origin="https://shop.example",
        crawl_id=1,
        crawl="an import",
        started_at=at(1),
        url=answer.url,
        final_url=answer.url,
        http_status=0,
        verdict="ok",
        detail="",
        resource_type="dump",
        fetched_at=at(1),
        is_file=True,
        etag="",
        last_modified="",
        body_id=1,
        body_hash=sha256(answer.body).hexdigest(),
    )
    page = WaczPage(capture=capture, answer=answer)
    described, (line,), (_, shown) = _read_wacz(
        make_wacz([page], title="Tea", software="Blogkeep", created=at(1))
    )
    url = "file:///My%20notes.txt"
    assert described["mainPageUrl"] == json.loads(shown)["url"] == url
    entry = json.loads(line.split(" ", 2)[2])
    assert (entry["url"], entry["mime"]) == (url, "text/plain")


def _read_wacz(content: bytes) -> tuple[dict[str, Any], list[str], list[str]]:
    """Description, index and list of pages of a WACZ, after a check of hashes and records."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        described = json.loads(package.read("datapackage.json"))
        for resource in described["resources"]:
            found = sha256(package.read(resource["path"])).hexdigest()
            assert resource["hash"] == f"sha256:{found}"
        assert {item.compress_type for item in package.infolist()} == {zipfile.ZIP_STORED}
        warc = package.read("archive/data.warc.gz")
        lines = package.read("indexes/index.cdx").decode().splitlines()
        pages = package.read("pages/pages.jsonl").decode().splitlines()
    for line in lines:
        key, _, values = line.split(" ", 2)
        entry = json.loads(values)
        start = int(entry["offset"])
        record = next(iter(ArchiveIterator(BytesIO(warc[start : start + int(entry["length"])]))))
        body = record.content_stream().read()
        assert entry["digest"] == f"sha256:{sha256(body).hexdigest()}"
        assert record.rec_headers["WARC-Target-URI"] == entry["url"]
        assert key == sort_key(entry["url"])
    return described, lines, pages


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Shop.example/Blogs/News?a=1", "example,shop,www)/blogs/news?a=1"),
        ("http://shop.example:8080", "example,shop:8080)/"),
    ],
)
def test_addresses_are_indexed_by_the_parts_of_the_host_backwards(url: str, key: str) -> None:
    assert sort_key(url) == key


def test_what_stands_today_and_what_cannot_be_proven(
    blogkeep: Command, archive: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "archive.db"
    shutil.copy(archive, copy)
    shutil.copy(archive.with_name("captures.db"), tmp_path)
    words = ["evidence", "--db", str(copy), "--no-pdf", "--json"]
    done = blogkeep(*words, "journal/teapot-care", str(tmp_path / "now.zip"))
    printed = json.loads(done.stdout)
    assert (done.returncode, len(printed["captures"]), printed["lost"]) == (0, 1, {})
    assert printed["heading"].startswith("As it stood at ")
    other = blogkeep(
        *words, "--change", str(edit(copy)), "journal/teapot-care", str(tmp_path / "a")
    )
    assert (other.returncode, "is one of another post" in other.stderr) == (1, True)
    taken = blogkeep(*words, "journal/teapot-care", str(tmp_path / "now.zip"))
    assert (taken.returncode, "is there already" in taken.stderr) == (1, True)
    with closing(open_for_writing(tmp_path / "captures.db", CAPTURES)) as captures:
        captures.execute("PRAGMA foreign_keys = OFF")
        captures.execute("DELETE FROM answers")
    with closing(open_for_writing(copy)) as db:
        db.execute("UPDATE revisions SET title = 'A' || char(0x202e, 0x9b) || 'title'")
    lost = blogkeep(*words, "journal/teapot-care", str(tmp_path / "lost.zip"))
    assert (lost.returncode, "are left out" in lost.stderr) == (3, True)
    with zipfile.ZipFile(tmp_path / "lost.zip") as package:
        pages = [package.read(name).decode() for name in SHEETS]
    assert [page for page in pages if "A\ufffd\ufffdtitle" not in page] == []
    assert [page for page in pages if set(page) & {"\u202e", "\x9b"}] == []
