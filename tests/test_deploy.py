"""The files of deploy/ and .github/ pass the checkers of their tools. A test whose checker is not
installed skips itself, but not in CI."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cronsim import CronSim

from scraper.schedule.timetable.stores import parse_stores
from tests.conftest import ENDS_S, ROOT, rows
from tests.each_row import each_row

DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
HOME = "/opt/blogkeep"
PROGRAM = ROOT / ".venv" / "bin" / "blogkeep"


def checker(name: str) -> str:
    """The path of a checker, of the system's or those that .ci/run installs."""
    found = shutil.which(
        name, path=os.pathsep.join([str(ROOT / ".ci" / ".venv" / "bin"), os.environ["PATH"]])
    )
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is not installed: .ci/run does it")
    assert found, f"{name} is not installed"
    return found


Check = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def check(integration: None) -> Check:
    """Run a checker: ``check(name, *words)``."""

    def run(name: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [checker(name), *words], capture_output=True, text=True, timeout=ENDS_S, check=False
        )

    return run


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The units, as installed for this checkout."""
    for name in UNITS:
        (tmp_path / name).write_text(
            (DEPLOY / "systemd" / name).read_text("utf-8").replace(HOME, str(ROOT)),
            encoding="utf-8",
        )
    if not PROGRAM.exists():
        pytest.skip("there is no .venv/bin/blogkeep in this checkout: make sets it up")
    return tmp_path


def test_units_pass_systemds_own_check(here: Path, check: Check) -> None:
    done = check("systemd-analyze", "verify", *(str(here / name) for name in UNITS))
    # What it says of the system's own units is not ours.
    said = [line for line in done.stderr.splitlines() if "blogkeep" in line]
    assert (done.returncode, said) == (0, [])


def test_systemds_check_sees_a_slip(here: Path, check: Check) -> None:
    unit = here / "blogkeep-once.timer"
    unit.write_text(
        unit.read_text("utf-8").replace("OnCalendar=*:0/10", "OnCalender=*:0/10"), encoding="utf-8"
    )
    done = check("systemd-analyze", "verify", str(unit))
    assert "OnCalender" in done.stderr


SERVICES = [name for name in UNITS if name.endswith(".service")]


@pytest.mark.parametrize("name", SERVICES)
def test_service_gives_up_what_it_does_not_need(name: str, check: Check) -> None:
    """At most 2.0 of 10 by systemd's own measure."""
    unit = str(DEPLOY / "systemd" / name)
    done = check("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit)
    assert done.returncode == 0, done.stdout + done.stderr


def test_services_leave_tls_its_callbacks() -> None:
    """pyOpenSSL makes its callbacks in memory that is written and executed: without such memory
    each crawl over https would fail. And the program raises its own limit of open files."""
    for name in SERVICES:
        text = (DEPLOY / "systemd" / name).read_text("utf-8")
        assert not re.search(r"^MemoryDenyWriteExecute=", text, re.M)
        assert "@resources" not in text


SCHEMAS = {
    "deploy/compose.yaml": "vendor.compose-spec",
    "deploy/cluster/compose.yaml": "vendor.compose-spec",
    "deploy/github-workflow.yml": "vendor.github-workflows",
    ".github/workflows/ci.yml": "vendor.github-workflows",
    ".github/dependabot.yml": "vendor.dependabot",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    ".github/ISSUE_TEMPLATE/bug.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/extraction.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/feature.yml": "vendor.github-issue-forms",
}
CHECKS = [
    ("crontab", "-n", "deploy/blogkeep.crontab"),
    ("kubernetes-validate", "--strict", "deploy/kubernetes.yaml"),
    ("kubernetes-validate", "--strict", "deploy/cluster/kubernetes.yaml"),
    *(("check-jsonschema", "--builtin-schema", schema, name) for name, schema in SCHEMAS.items()),
]


@pytest.mark.parametrize("words", CHECKS, ids=lambda words: words[-1])
def test_file_passes_the_check_of_its_own_tool(words: tuple[str, ...], check: Check) -> None:
    *command, name = words
    done = check(*command, str(ROOT / name))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_of_github_is_checked() -> None:
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / ".github").rglob("*.yml")}
    assert files <= set(SCHEMAS)


def test_ci_runs_on_every_supported_python() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert re.findall(r'- python: "(.+)"', workflow) == ["3.11", "3.12", "3.13"]
    assert project["requires-python"] == ">=3.11"
    assert "- run: .ci/run\n" in workflow


def test_ci_names_one_image_of_a_python() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    digests = dict(re.findall(r'- python: "(.+)".*\n +digest: (\w+)\n', workflow))
    named = re.findall(r"container: python:([\d.]+)-bookworm@sha256:(\w+)\n", workflow)
    assert [version for version, _ in named] == ["3.11"]
    assert set(named) <= set(digests.items())


@each_row("name", ["ci.yml", "github-workflow.yml"])
def test_a_workflow_names_actions_images_and_libraries_exactly(name: str) -> None:
    """Actions by commit, images by digest, libraries by hash."""
    (path,) = [path for path in map(ROOT.joinpath, SCHEMAS) if path.name == name]
    text = path.read_text("utf-8")
    assert re.findall(r"uses: (?!\S+@[0-9a-f]{40} # v[\d.]+\n).*", text) == []
    digest = r".+@sha256:(?:[0-9a-f]{64}|\$\{\{ matrix\.digest \}\})\n"
    assert re.findall(rf"container: (?!{digest}).*", text) == []
    assert re.findall(r"digest: (?![0-9a-f]{64}\n).*", text) == []
    assert re.findall(r"pip install (?!--require-hashes ).*", text) == []


def test_hooks_of_pre_commit_run_what_lint_runs() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (lint,) = re.findall(r"^LINT = (.+)$", makefile, re.M)
    tools = re.findall(r"\$\(BIN\)/([a-z]+(?: [a-z]+)?)", lint)
    assert tools == ["ruff check", "ruff format", "mypy"]
    assert [tool for tool in tools if f"entry: .venv/bin/{tool}" not in hooks] == []


def test_services_of_compose_run_our_commands_and_are_watched() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    commands = [re.split(r"[ ,]+", found) for found in re.findall(r"command: \[(.+)\]", text)]
    assert [words[0] for words in commands] == ["schedule", "serve"]
    assert "--open-to-all" in commands[1]
    assert '"127.0.0.1:8001:8001"' in text  # where nobody else can ask
    assert "http://127.0.0.1:8001/-/healthz" in text


def test_services_of_a_cluster_run_our_commands() -> None:
    compose = (DEPLOY / "cluster" / "compose.yaml").read_text("utf-8")
    called = [re.split(r"[ ,]+", found)[0] for found in re.findall(r" command: \[(.+)\]", compose)]
    assert called == ["cluster", "cluster", "worker"]
    kubernetes = (DEPLOY / "cluster" / "kubernetes.yaml").read_text("utf-8")
    for text in (compose, kubernetes):
        assert "stores/.alive -mmin" in text


RESTRICTED = (
    "automountServiceAccountToken: false",
    "seccompProfile: {type: RuntimeDefault}",
    "runAsNonRoot: true",
    "allowPrivilegeEscalation: false",
    "readOnlyRootFilesystem: true",
    "capabilities: {drop: [ALL]}",
)
"""What Kubernetes' restricted Pod Security Standard asks for, a root that cannot be written, and no
token."""


@each_row("name", ["kubernetes.yaml", "cluster/kubernetes.yaml"])
def test_pods_have_no_more_rights_than_they_need(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    assert [line for line in RESTRICTED if text.count(f" {line}\n") != 1] == []


def test_stores_of_the_kubernetes_file_can_be_read() -> None:
    text = (DEPLOY / "kubernetes.yaml").read_text("utf-8")
    (stores,) = re.findall(r"stores.toml: \|\n((?:    .*\n)+)", text)
    assert list(parse_stores(stores.replace("\n    ", "\n").strip()).stores) == ["demo"]


def commands() -> list[str]:
    """What the files run, as a shell would."""
    units = [(DEPLOY / "systemd" / name).read_text("utf-8") for name in UNITS]
    found = [
        line.removeprefix("ExecStart=")
        for unit in units
        for line in unit.splitlines()
        if line.startswith("ExecStart=")
    ]
    for line in (DEPLOY / "blogkeep.crontab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            *when, command = line.split(maxsplit=5)
            assert next(CronSim(" ".join(when), datetime(2026, 1, 1, tzinfo=UTC)))
            found.append(command)
    return found


def test_each_command_line_is_one_of_ours() -> None:
    calls = [shlex.split(command.split(">>")[0].split("&&")[-1]) for command in commands()]
    backup = ["backup", "--keep", "7"]
    assert [words[1:] for words in calls] == [
        backup,
        ["schedule", "--once"],
        ["worker", "--crawls", "8", "--db", "/opt/blogkeep/data/worker-%i/archive.db"],
        ["schedule"],
        ["schedule", "--once"],
        backup,
    ]
    assert all(words[0].endswith(".venv/bin/blogkeep") for words in calls)


def test_line_of_cron_crawls_what_is_due(integration: None, tmp_path: Path) -> None:
    """As cron runs it: by sh, with hardly any environment, from a folder of its own."""
    home = tmp_path / "blogkeep"
    home.mkdir()
    if not PROGRAM.exists():
        pytest.skip("there is no .venv/bin/blogkeep in this checkout: make sets it up")
    (home / ".venv").symlink_to(ROOT / ".venv")
    (home / "data").mkdir()
    (home / "data" / "stores.toml").write_text(
        '[stores.demo]\nurl = "demo"\nschedule = "0 5 * * *"\n', encoding="utf-8"
    )
    line = next(command for command in commands() if "data/schedule.log" in command)
    done = subprocess.run(
        ["/bin/sh", "-c", line.replace(HOME, str(home))],
        cwd="/",
        env={"HOME": "/", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"},
        capture_output=True,
        text=True,
        timeout=ENDS_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (home / "data" / "schedule.log").read_text("utf-8").endswith("demo: complete, healthy\n")
    archive = home / "data" / "archive.db"
    assert rows(archive, "SELECT outcome FROM schedule_runs") == [("complete",)]
    assert rows(archive, "SELECT count(*) FROM posts") == [(71,)]


def test_images_and_actions_are_pinned_by_digest() -> None:
    images = re.findall(r"^FROM (\S+)", (DEPLOY / "Containerfile").read_text("utf-8"), re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+-slim@sha256:[0-9a-f]{64}", images[0])
    assert images[1:] == ["base", "base"]
    for file in DEPLOY.rglob("*.yaml"):
        named = re.findall(r"^ *image: (\S+)", file.read_text("utf-8"), re.MULTILINE)
        used = [image for image in named if not image.startswith("blogkeep")]  # of the above
        assert all(re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", image) for image in used), file
    for workflow in (ROOT / ".github" / "workflows").iterdir():
        used = re.findall(r"uses: (\S+)", workflow.read_text())
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in used), workflow
