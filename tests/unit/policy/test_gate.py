"""The gate: a pure table of rules, and the look at the disk beside it, under paths made to escape."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova.core.labels import Scope
from nova.core.requests import Principal
from nova.policy.gate import Allow, Attempt, Deny, Effect, Grant, Own, attempt, decide, payload_digest
from nova.policy.paths import Place, PlaceKind, look, refusal, secret

SHOP = Scope.of("shop")


def grant(root: Path | None, *tools: str, visitors: bool = False) -> Grant:
    return Grant(tools=frozenset(tools), scope=SHOP, root=root, visitors=visitors)


def reading(root: Path | None, *paths: str, principal: Principal = Principal.OWNER, scope: str = "shop") -> Attempt:
    return attempt(tool="files_read", effect=Effect.READ, paths=paths, principal=principal, scope=scope, root=root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a file, a secret, links that stay inside and links that leave, and special files."""
    project = tmp_path / "project"
    (project / "docs").mkdir(parents=True)
    (project / ".git").mkdir()
    (tmp_path / "project-other").mkdir()
    (tmp_path / "project-other" / "note.md").write_text("another project")
    (project / "docs" / "a.md").write_text("a")
    (project / ".git" / "config").write_text("[core]")
    (project / ".env").write_text("KEY=1")
    (project / "inside").symlink_to("docs/a.md")
    (project / "out").symlink_to(tmp_path / "project-other")
    (project / "innocent.md").symlink_to(".env")
    (project / "history").symlink_to(".git")
    (project / "loop").symlink_to("loop")
    os.mkfifo(project / "pipe")
    return project


def test_a_read_inside_is_allowed(root: Path) -> None:
    """A tool that the agent was given may read a file of its project."""
    verdict = decide(reading(root, "docs/a.md"), grant(root, "files_read"))
    assert verdict == Allow(rule="read-inside", why=verdict.why)
    assert decide(reading(root, "inside"), grant(root, "files_read")).verdict == "allow"
    assert decide(reading(root, str(root / "docs")), grant(root, "files_read")).verdict == "allow"


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("../project-other/note.md", "outside-root"),
        ("docs/../../project-other/note.md", "outside-root"),
        ("/etc/passwd", "outside-root"),
        ("//etc/passwd", "outside-root"),
        ("/proc/self/environ", "outside-root"),
        ("/dev/zero", "outside-root"),
        ("out/note.md", "outside-root"),
        ("out", "outside-root"),
        ("../project-other", "outside-root"),
        ("..", "outside-root"),
        ("../missing/file", "outside-root"),
        (".git/config", "git-internals"),
        (".GIT/config", "git-internals"),
        ("docs/../.git/config", "git-internals"),
        ("history/config", "git-internals"),
        (".git. /config", "git-internals"),
        (".env", "secret-file"),
        (".ENV", "secret-file"),
        ("innocent.md", "secret-file"),
        ("keys/server.PEM", "secret-file"),
        ("id_rsa", "secret-file"),
        ("deploy/credentials.json", "secret-file"),
        (".ssh/config", "secret-file"),
        ("docs\\..\\.env", "secret-file"),
        ("pipe", "special-file"),
        ("loop", "bad-path"),
        ("docs/a.md\0.png", "bad-path"),
        ("a" * 5000, "bad-path"),
        ("a" * 300, "bad-path"),
        ("\ud800", "bad-path"),
    ],
)
def test_paths_made_to_escape_are_denied_by_name(root: Path, path: str, rule: str) -> None:
    """Every way out of the project, into git, to a secret or a device is denied by the rule that is meant for it."""
    verdict = decide(reading(root, path), grant(root, "files_read"))
    assert isinstance(verdict, Deny), path
    assert verdict.rule == rule
    assert verdict.why.endswith(".")


def test_a_socket_is_special(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket is refused as a special file without being opened."""
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(root)
        server.bind("s.sock")
        assert decide(reading(root, "s.sock"), grant(root, "files_read")).rule == "special-file"


def test_what_is_not_granted_is_denied_first(root: Path) -> None:
    """A tool that the agent's file does not list is denied, whatever it asks for."""
    assert decide(reading(root, "docs/a.md"), grant(root, "git_log")).rule == "not-granted"


def test_visitors_reach_only_agents_for_visitors(root: Path) -> None:
    """A visitor gets nothing through an agent that is not marked for visitors."""
    call = reading(root, "docs/a.md", principal=Principal.VISITOR)
    assert decide(call, grant(root, "files_read")).rule == "not-for-visitor"
    assert decide(call, grant(root, "files_read", visitors=True)).verdict == "allow"


def acting(
    root: Path | None, effect: Effect, *paths: str, principal: Principal = Principal.OWNER, own: Own | None = None,
    payload: str = "", approved: frozenset[str] = frozenset(),
) -> Attempt:  # fmt: skip
    return attempt(
        tool="x", effect=effect, paths=paths, principal=principal, scope="shop", root=root,
        own=own, payload=payload, approved=approved,
    )  # fmt: skip


def test_the_owners_files_are_not_written(root: Path) -> None:
    """A tool that writes and declares no place of its own is denied, even for the owner and with an approval."""
    call = acting(root, Effect.WRITE, "docs/a.md", payload="p", approved=frozenset({"p"}))
    assert decide(call, grant(root, "x")).rule == "read-only"


@pytest.mark.parametrize("principal", [Principal.OWNER, Principal.SCHEDULE, Principal.WEBHOOK])
def test_a_worktree_may_be_written(root: Path, principal: Principal) -> None:
    """A tool that declares the run's own worktree may write there, whoever set the run going."""
    verdict = decide(acting(root, Effect.WRITE, "docs/a.md", principal=principal, own=Own.WORKTREE), grant(root, "x"))
    assert isinstance(verdict, Allow)
    assert verdict.rule == "own-worktree"


@pytest.mark.parametrize("principal", [Principal.OWNER, Principal.SCHEDULE])
def test_the_owner_and_his_schedules_start_pipelines(principal: Principal) -> None:
    """Whoever may have everything a pipeline does may have it started, with a project and without."""
    verdict = decide(acting(None, Effect.START, principal=principal), grant(None, "x"))
    assert isinstance(verdict, Allow)
    assert verdict.rule == "own-pipeline"


def test_nobody_else_starts_pipelines() -> None:
    """A webhook is refused by the rule for pipelines, and a visitor also where visitors are served."""
    webhook = decide(acting(None, Effect.START, principal=Principal.WEBHOOK), grant(None, "x"))
    assert (webhook.verdict, webhook.rule) == ("deny", "own-pipeline")
    visitor = decide(acting(None, Effect.START, principal=Principal.VISITOR), grant(None, "x", visitors=True))
    assert (visitor.verdict, visitor.rule) == ("deny", "not-for-visitor")


@pytest.mark.parametrize(
    ("path", "rule"), [(".git/config", "git-internals"), (".env", "secret-file"), ("../b.md", "outside-root")]
)
@pytest.mark.parametrize("own", list(Own))
def test_what_is_not_read_is_not_written(root: Path, own: Own, path: str, rule: str) -> None:
    """Secret files, git's own and places outside are as closed to writing as to reading."""
    assert decide(acting(root, Effect.WRITE, path, own=own), grant(root, "x")).rule == rule


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("drafts/new.md", "own-worktree"), ("site/content/Drafts/new.md", "own-worktree"), ("new.md", "not-a-draft"),
        ("posts/new.md", "not-a-draft"), ("drafts", "not-a-draft"), ("posts/drafts.md", "not-a-draft"),
    ],
)  # fmt: skip
def test_drafts_go_into_folders_for_drafts(root: Path, path: str, rule: str) -> None:
    """A draft is filed below a folder for drafts and nowhere else."""
    assert decide(acting(root, Effect.WRITE, path, own=Own.DRAFT), grant(root, "x")).rule == rule


def test_a_draft_says_where_it_goes(root: Path) -> None:
    """A tool for drafts that names no place is denied, as nothing can be said about it."""
    assert decide(acting(root, Effect.WRITE, own=Own.DRAFT), grant(root, "x")).rule == "not-a-draft"


def test_code_is_executed_in_the_sandbox_only_with_a_project(root: Path) -> None:
    """Executing is allowed where there is a project to execute, and never for a visitor."""
    assert decide(acting(root, Effect.EXECUTE), grant(root, "x")).rule == "in-sandbox"
    assert decide(acting(None, Effect.EXECUTE), grant(None, "x")).rule == "no-project"
    visiting = acting(root, Effect.EXECUTE, principal=Principal.VISITOR)
    assert decide(visiting, grant(root, "x", visitors=True)).rule == "not-for-visitor"


@pytest.mark.parametrize("principal", list(Principal))
@pytest.mark.parametrize("approved", [frozenset[str](), frozenset({"another"}), frozenset({""})])
def test_nothing_goes_outside_unapproved(root: Path, principal: Principal, approved: frozenset[str]) -> None:
    """Without an approved review of exactly this payload nobody acts outside; who can be asked is asked."""
    for payload in ("", "wanted"):
        call = acting(root, Effect.OUTSIDE, principal=principal, payload=payload, approved=approved)
        verdict = decide(call, grant(root, "x", visitors=True))
        asked = principal in (Principal.OWNER, Principal.SCHEDULE)
        assert verdict.verdict == ("ask" if asked else "deny")


def test_what_was_approved_goes_outside(root: Path) -> None:
    """The payload that the owner approved may go, one that was changed since may not."""
    payload = payload_digest({"to": "ines", "text": "Hello"})
    approved = frozenset({payload})
    assert decide(acting(root, Effect.OUTSIDE, payload=payload, approved=approved), grant(root, "x")).rule == "approved"
    changed = payload_digest({"to": "ines", "text": "Hello!"})
    call = acting(root, Effect.OUTSIDE, payload=changed, approved=approved)
    assert decide(call, grant(root, "x")).rule == "not-approved"


@pytest.mark.parametrize("effect", [Effect.WRITE, Effect.OUTSIDE, Effect.EXECUTE])
def test_visitors_only_read(root: Path, effect: Effect) -> None:
    """A visitor changes and executes nothing, through no agent and with no approval."""
    call = acting(root, effect, principal=Principal.VISITOR, own=Own.WORKTREE, payload="p", approved=frozenset({"p"}))
    assert decide(call, grant(root, "x", visitors=True)).rule == "not-for-visitor"


def test_another_scope_is_denied(root: Path) -> None:
    """A call about another project's scope is denied."""
    assert decide(reading(root, "docs/a.md", scope="rival"), grant(root, "files_read")).rule == "other-scope"


def test_without_a_project_nothing_is_read() -> None:
    """With no project folder in reach every read is denied."""
    assert decide(reading(None, "x"), grant(None, "files_read")).rule == "no-project"


def test_the_worst_of_several_paths_decides(root: Path) -> None:
    """One good path does not carry a bad one through."""
    assert decide(reading(root, "docs/a.md", "/etc/passwd"), grant(root, "files_read")).rule == "outside-root"


@pytest.mark.parametrize(
    "name", [".env.example", "docs/secrets.py", "environment.py", "keyboard.md", "tokens.css", "a.environ"]
)
def test_harmless_names_are_read(name: str) -> None:
    """Names that only resemble secrets are ordinary files."""
    assert not secret(name)


PARTS = st.sampled_from(["..", ".", "docs", "a.md", "out", "note.md", "/", "inside", "~", "", "//", "history", ".git"])


@given(parts=st.lists(PARTS, max_size=8))
def test_no_combination_of_parts_leaves_the_root(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    """Whatever is allowed lies, with every link followed, below the root and outside .git."""
    base = tmp_path_factory.getbasetemp() / "combined"
    project = base / "project"
    if not project.exists():
        (project / "docs").mkdir(parents=True)
        (project / ".git").mkdir()
        (project / "docs" / "a.md").write_text("a")
        (project / "out").symlink_to(base)
        (project / "history").symlink_to(".git")
    path = "/".join(parts)
    if refusal(look(project, path)) is None:
        real = Path(os.path.realpath(project / path))
        assert real.is_relative_to(project)
        assert ".git" not in real.relative_to(project).parts


@given(asked=st.text(max_size=60))
def test_any_text_is_looked_at_without_a_fault(tmp_path_factory: pytest.TempPathFactory, asked: str) -> None:
    """Any text at all gives a place and never a traceback."""
    place = look(tmp_path_factory.getbasetemp(), asked)
    assert isinstance(place, Place)
    assert place.kind in PlaceKind
