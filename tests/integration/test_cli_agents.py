"""nova agents as a person meets it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from tests.integration.terminal import Terminal, repository

from nova.core.json import Json
from nova.models.encoder_files import installed
from nova.settings.home import find_home


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A terminal with a home that engages five agents, over a Django project."""
    terminal = Terminal(tmp_path, repository(tmp_path / "shop", manage_dot_py="print('django')\n"))
    assert terminal.nova("init").code == 0
    return terminal


@pytest.fixture
def encoder() -> str:
    """The cache of this user, which ./test puts the encoder into."""
    cache = find_home().cache
    if not installed(cache / "encoder"):
        pytest.skip("the sentence encoder is not installed; nova encoder install")
    return str(cache)


def names(at: Terminal, *words: str) -> set[str]:
    """The names that a listing holds."""
    return {str(one["name"]) for one in at.nova("agents", "list", "--json", *words).values}


def test_the_catalog_is_listed_before_there_is_a_home(tmp_path: Path) -> None:
    """A stranger sees all 34 agents, one greppable line each, and how to get a home."""
    shown = Terminal(tmp_path, tmp_path).nova("agents", "list")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert len(lines) == 34
    assert all(len(line.split()) > 6 and not line.startswith(" ") for line in lines)
    assert "nova init" in shown.err


def test_a_project_narrows_the_list_to_those_who_can_serve_it(at: Terminal) -> None:
    """With --project the specialists of other kinds are left out."""
    serving = names(at, "--all", "--project", "shop")
    assert {"erp-schema", "general-chat"} <= serving
    assert not {"marketplace-model", "blog-writer"} & serving


def test_show_tells_everything_about_an_agent(at: Terminal) -> None:
    """Reason, tools, examples, boundaries with who instead, limits, version, file and runs are all shown."""
    shown = at.nova("agents", "show", "erp-schema").out
    one = at.nova("agents", "show", "erp-schema", "--json").value
    for part in (one["reason"], one["version"], one["file"], "django_fields", "→ erp-migrations", "8 model calls"):
        assert str(part) in shown
    assert "0 of the last 500" in shown
    assert one["recent_runs"] == 0


def test_an_unknown_agent_brings_the_nearest(at: Terminal) -> None:
    """A slip in a name is answered by the agent that was meant, for show, lint and engage alike."""
    for words in (["show", "erp-shema"], ["engage", "erp-shema"], ["lint", "erp-shema"]):
        shown = at.nova("agents", *words)
        assert (shown.code, shown.clean) == (2, True)
        assert "erp-schema" in shown.err


def test_a_new_agent_is_begun_committed_engaged_and_linted(at: Terminal) -> None:
    """What new writes loads at once, stands in the home's history, and lint says what is still to be written."""
    made = at.nova("agents", "new", "tax-advisor", "-d", "Explains VAT rates: 7 % and 19 %", "--domain", "money")
    assert made.code == 0, made.err
    assert at.git("log", "-1", "--format=%s").startswith("Begin the agent tax-advisor")
    assert at.git("status", "--porcelain").strip() == ""
    one = at.nova("agents", "show", "tax-advisor", "--json").value
    assert (one["own"], one["engaged"], one["domain"]) == (True, True, "money")
    assert one["description"] == "Explains VAT rates: 7 % and 19 %"
    lint = at.nova("agents", "lint", "tax-advisor")
    assert lint.code == 0
    assert "tax-advisor.md:" in lint.out
    assert "12 or more" in lint.out


def test_a_name_that_is_taken_or_none_is_refused(at: Terminal) -> None:
    """new overwrites nothing: neither an agent of the catalog nor one of the home, and takes no bad name."""
    assert at.nova("agents", "new", "tax-advisor", "-d", "Explains taxes").code == 0
    before = at.git("rev-parse", "HEAD")
    for name in ("tax-advisor", "erp-schema", "../escape", "Tax"):
        shown = at.nova("agents", "new", name, "-d", "Explains taxes")
        assert (shown.code, shown.clean) == (2, True), name
    assert at.git("rev-parse", "HEAD") == before
    assert at.git("status", "--porcelain", "--untracked-files=all").strip() == ""


def test_lint_without_the_encoder_says_what_it_could_not_measure(at: Terminal) -> None:
    """Overlap needs the encoder; where it is absent lint judges the files and says so aloud."""
    shown = at.nova("agents", "lint")
    assert shown.code == 0
    assert "Overlap was not measured" in shown.out
    assert "nova encoder install" in shown.out


def test_with_the_encoder_lint_says_how_well_the_agents_are_told_apart(at: Terminal, encoder: str) -> None:
    """With the encoder lint tells the share of examples that find their agent, and what certainty still lacks."""
    shown = at.nova("agents", "lint", "--json", NOVA_CACHE=encoder)
    assert shown.code == 0, shown.out
    accuracy = shown.value["accuracy"]
    assert isinstance(accuracy, float)
    assert accuracy > 0.7
    assert shown.value["degradations"] == []
    said = at.nova("agents", "lint", "erp-schema", NOVA_CACHE=encoder).out
    assert "of the examples find their agent" in said
    assert "more examples" in said or "decides alone" in said


def test_lint_fails_on_two_agents_with_one_job(at: Terminal, encoder: str) -> None:
    """A twin of an agent, its examples worded a little otherwise, cannot be told apart, and lint names the pair."""
    original = (Path(__file__).parents[2] / "catalog" / "agents" / "erp-schema.md").read_text(encoding="utf-8")
    twin = original.replace("name: erp-schema", "name: schema-twin")
    for said, otherwise in (
        (" the ", " that "),
        (" a ", " one "),
        (" and ", " or "),
        ("which", "what"),
        ("Which", "What"),
    ):
        twin = twin.replace(said, otherwise)
    (at.home / "agents" / "schema-twin.md").write_text(twin, encoding="utf-8")
    shown = at.nova("agents", "lint", "schema-twin", NOVA_CACHE=encoder)
    assert shown.clean
    assert shown.code == 1, shown.out + shown.err
    assert "cannot be told apart" in shown.out


def test_lint_fails_on_an_agent_that_could_leak(at: Terminal) -> None:
    """An agent that reads private files, is shown strangers' text and acts outside fails, with file and line."""
    assert at.nova("agents", "new", "courier", "-d", "Carries parcels").code == 0
    file = at.home / "agents" / "courier.md"
    text = file.read_text(encoding="utf-8")
    for right in ("reads_private", "sees_untrusted", "acts_outside"):
        text = text.replace(f"{right}: false", f"{right}: true")
    file.write_text(text, encoding="utf-8")
    shown = at.nova("agents", "lint", "--json")
    assert shown.code == 1
    remarks = shown.value["remarks"]
    assert isinstance(remarks, list)
    failing = [cast("dict[str, Json]", one)["agent"] for one in remarks if cast("dict[str, Json]", one)["fails"]]
    assert failing == ["courier"]


def test_engaging_and_letting_go_change_one_line_and_keep_every_comment(at: Terminal) -> None:
    """engage adds exactly one line to nova.toml, leave takes exactly that line away; both are committed."""
    settings = at.home / "nova.toml"
    text = settings.read_text(encoding="utf-8").replace('  "decisions",\n', '  "decisions",   # why, why, why\n')
    settings.write_text(text, encoding="utf-8")
    assert at.nova("agents", "engage", "erp-orm").code == 0
    assert "erp-orm" in names(at)
    changed = settings.read_text(encoding="utf-8").splitlines()
    assert [line for line in changed if line not in text.splitlines()] == ['  "erp-orm",']
    assert at.nova("agents", "leave", "erp-orm").code == 0
    assert settings.read_text(encoding="utf-8") == text
    assert at.git("log", "-1", "--format=%s").strip() == "Let go of the agent erp-orm"
    assert at.nova("agents", "engage", "decisions", "--json").value["changed"] is False


@pytest.mark.parametrize(
    "roster",
    [
        'agents = ["decisions", "orientation"]   # two',
        "agents = ['decisions',\n  'orientation'  # the last\n]",
        'agents = ["decisions", "orientation",\n]',
        'agents = "all"',
        "",
    ],
)
def test_every_way_to_write_a_roster_is_edited_or_refused_whole(at: Terminal, roster: str) -> None:
    """However [roster] is written, engage and leave end in exactly the wanted agents or in a refusal, never between."""
    settings = at.home / "nova.toml"
    settings.write_text(f"[roster]\n{roster}\n\n[variables]\nworkspace = '/tmp' # stays\n", encoding="utf-8")
    before = names(at)
    for verb, wanted in (("leave", before - {"decisions"}), ("engage", before)):
        text, had = settings.read_text(encoding="utf-8"), names(at)
        shown = at.nova("agents", verb, "decisions")
        assert shown.clean
        if shown.code == 0:
            assert names(at) == wanted
        else:
            assert (shown.code, settings.read_text(encoding="utf-8"), names(at)) == (2, text, had)
        assert "workspace = '/tmp' # stays" in settings.read_text(encoding="utf-8")


def test_an_agent_of_the_home_cannot_be_let_go_by_its_name(at: Terminal) -> None:
    """Agents of the home always are engaged; leave says what to do instead."""
    assert at.nova("agents", "new", "tax-advisor", "-d", "Explains taxes").code == 0
    shown = at.nova("agents", "leave", "tax-advisor")
    assert shown.code == 2
    assert "Delete or move the file" in shown.err


def test_broken_files_are_listed_all_at_once_with_their_lines(at: Terminal) -> None:
    """Two broken agents are two problems, each with file and line, in words and as JSON."""
    for name in ("one", "two"):
        (at.home / "agents" / f"{name}.md").write_text(f"---\nname: {name}\ntols: []\n---\nHello\n", encoding="utf-8")
    shown = at.nova("agents", "list", "--json")
    assert (shown.code, shown.clean) == (2, True)
    problems = shown.value["problems"]
    assert isinstance(problems, list)
    assert {"one.md", "two.md"} <= {Path(str(one["file"])).name for one in problems if isinstance(one, dict)}
