"""Project files become projects with walls of their own."""

# ruff: noqa: E501 (one row of the table is one mistake with its sentence)

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.unit.settings.mutations import assert_located, mutated

from nova.core.errors import BadFiles
from nova.projects.load import load_projects, parse_project
from nova.settings.definition import Confidentiality
from nova.settings.secrets import SecretPlace, SecretReference

AIREP = """\
---
name: airep
kind: django-erp
scope: airep
confidentiality: client
repository: "${workspace}/airep"
database: env:AIREP_DATABASE
issues: docs/issues
aliases: [the ERP, erp]
---
An ERP for workshops.

Money is Decimal, always.
"""
BLOG = """\
---
name: blog
kind: blog
scope: blog
confidentiality: public
---
"""
VARIABLES = {"workspace": "/srv/code"}


def write(home: Path, **texts: str) -> Path:
    """Writes projects/NAME.md and returns the folder."""
    (home / "projects").mkdir(exist_ok=True)
    for name, text in texts.items():
        (home / "projects" / f"{name}.md").write_text(text, encoding="utf-8")
    return home / "projects"


def told(folder: Path, **variables: str) -> list[str]:
    """What a person is told, without the folder."""
    with pytest.raises(BadFiles) as caught:
        load_projects(folder, variables)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_every_key_arrives(tmp_path: Path) -> None:
    """What is written in a project file is what the project is."""
    airep, blog = load_projects(write(tmp_path, airep=AIREP, blog=BLOG), VARIABLES)
    assert (airep.name, airep.kind, airep.scope) == ("airep", "django-erp", "airep")
    assert airep.confidentiality is Confidentiality.CLIENT
    assert (airep.repository, airep.issues) == (Path("/srv/code/airep"), Path("/srv/code/airep/docs/issues"))
    assert airep.database == SecretReference(place=SecretPlace.ENV, name="AIREP_DATABASE")
    assert airep.names == ("airep", "the ERP", "erp")
    assert airep.notes == "An ERP for workshops.\n\nMoney is Decimal, always."
    assert (blog.repository, blog.database, blog.issues, blog.aliases, blog.notes) == (None, None, None, (), "")
    assert airep.version != blog.version


def test_the_example_workspace_loads() -> None:
    """The five example projects load, each behind its own wall and with its repository in the workspace."""
    workspace = Path(__file__).parents[3] / "examples" / "workspace"
    projects = load_projects(workspace / "projects", {"workspace": str(workspace / "repositories")})
    assert [project.name for project in projects] == ["airep", "blog", "client-sites", "find-a-sign", "sweeper-parts"]
    assert all(project.repository and project.repository.is_dir() for project in projects)


def test_no_projects(tmp_path: Path) -> None:
    """A home without projects has none, and that is no problem."""
    assert load_projects(tmp_path / "projects") == ()


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/abs/x/../y", "/abs/y"),
        ("../code/x", "{home}/../code/x"),
        ("${home}/x", "{home}/x"),
        ("$workspace/x", "/srv/code/x"),
        ("${inner}/x", "{home}/in/x"),
        ("~/x", "{user}/x"),
    ],
)
def test_repository_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, path: str) -> None:
    """Paths begin at the root, at ~, at a variable of nova.toml, or at the home's folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    folder = write(tmp_path, airep=AIREP.replace("${workspace}/airep", written))
    (project,) = load_projects(folder, {**VARIABLES, "inner": "${home}/in"})
    expected = path.format(home=tmp_path, user=tmp_path / "user").replace(f"{tmp_path}/..", str(tmp_path.parent))
    assert project.repository == Path(expected)


MISTAKES = [
    ("kind: django-erp", "kind: django", "3: “kind” cannot be “django”. Did you mean “django-erp”?"),
    ("kind: django-erp", "kind: wiki", "3: “kind” cannot be “wiki”. Choose one of: django-erp, marketplace, parts-shop, site, blog, nova, general."),
    ("confidentiality: client\n", "", "2: “confidentiality” is missing. Write confidentiality: how far its text may travel: public, internal (yours) or client (somebody else's)."),
    ("confidentiality: client", "confidential: client", "5: “confidential” is no key here. Did you mean “confidentiality”?"),
    ("scope: airep", "scope: public", "4: The scope “public” has a meaning of its own. Use the project's name."),
    ("${workspace}", "${workspaces}", "6: There is no variable “workspaces”. Did you mean ${workspace}?"),
    ("${workspace}", "${code}", "6: There is no variable “code”. Give it a path under [variables] in nova.toml."),
    ("env:AIREP_DATABASE", "postgres://me:pw@host/db", "7: This is not a reference to a secret, and a secret itself must not stand in a file that is committed. Write where it lies: env:NAME, keyring:SERVICE/NAME or file:PATH. If a key stood here, replace it at the provider."),
    ("docs/issues", "../issues", "8: This is not a folder inside the repository. Write its path from the repository's root: issues"),
    ('repository: "${workspace}/airep"\n', "", "7: There is a folder of issues, but no repository that it lies in. Add repository: PATH."),
    ("name: airep", "name: erp", "2: The name “erp” is not the file's. Rename the file to erp.md, or write name: airep."),
    ("[the ERP, erp]", "the ERP", "9: “aliases” must be a list, and is text. Write [one, two], or [] for none."),
]  # fmt: skip


@pytest.mark.parametrize(("written", "instead", "sentence"), MISTAKES)
def test_likely_mistakes(tmp_path: Path, written: str, instead: str, sentence: str) -> None:
    """Each of the likely mistakes is told with its line and its mend."""
    assert written in AIREP
    assert told(write(tmp_path, airep=AIREP.replace(written, instead)), **VARIABLES) == [f"airep.md:{sentence}"]


def test_projects_must_differ(tmp_path: Path) -> None:
    """Two projects behind one wall, or called by one word, are told with the place in the second file."""
    blog = BLOG.replace("scope: blog", "scope: airep").replace("---\n", "aliases: [posts, ERP]\n---\n", 2)
    blog = blog.replace("aliases: [posts, ERP]\n---\nname", "---\nname", 1)
    assert told(write(tmp_path, airep=AIREP, blog=blog), **VARIABLES) == [
        "blog.md:4: The scope “airep” is already that of the project airep. Give each project its own.",
        "blog.md:6: The project airep is also called “ERP”. Use another word for one of them.",
    ]


def test_every_file_is_told_at_once(tmp_path: Path) -> None:
    """A broken project does not hide the next one."""
    folder = write(tmp_path, airep="x", blog=BLOG.replace("kind: blog", "kind: blok"))
    assert [problem.split(":")[0] for problem in told(folder)] == ["airep.md", "blog.md"]


@given(mutated([AIREP.encode(), BLOG.replace("name: blog", "name: airep").encode()]))
@settings(max_examples=300, deadline=None)
def test_broken_files_are_refused_with_lines(data: bytes) -> None:
    """A project file broken at random loads, or is refused with file and line; it never ends in a traceback."""
    file = Path("projects/airep.md")
    try:
        parse_project(data, file, Path("/home/o"), VARIABLES)
    except BadFiles as error:
        assert_located(error, str(file), data)
