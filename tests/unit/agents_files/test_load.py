"""Agent files become a roster whose names all lead somewhere."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest
from tests.unit.agents_files.samples import MIGRATIONS, SCHEMA, TOOLS, write_agents

from nova.agents.definition import Boundary, phrases
from nova.agents.load import agent_files, agent_lines, load_roster, parse_agent
from nova.core.errors import BadFiles, Unknown
from nova.core.limits import Limits


def told(catalog: Path, home: Path | None = None, engaged: tuple[str, ...] | None = None) -> list[str]:
    """What a person is told about a roster, with paths from the file's folder on."""
    with pytest.raises(BadFiles) as caught:
        load_roster(catalog, home, TOOLS, engaged)
    return [str(problem).split("/")[-1] for problem in caught.value.problems]


def test_every_key_arrives(tmp_path: Path) -> None:
    """What is written in an agent file is what the agent is."""
    catalog = write_agents(tmp_path, schema=SCHEMA, migrations=MIGRATIONS)
    roster = load_roster(catalog, None, TOOLS)
    agent = roster.agent("schema")
    assert roster.names == ("migrations", "schema")
    assert (agent.tools, agent.model, agent.max_turns) == (("files_list", "files_read"), "quick", 6)
    assert (agent.domain, agent.kinds, agent.reason) == ("erp", ("django-erp",), "Facts can be read.")
    assert agent.not_for == (
        Boundary(what="writing migrations", who="migrations"),
        Boundary(what="slow queries", who="migrations"),
    )
    assert agent.examples == ("Which fields does Invoice have?", "models: all of them")
    assert (agent.needs, agent.handoffs) == (("profile", "project"), ("migrations",))
    assert (agent.reads_private, agent.sees_untrusted, agent.supervised, agent.visitors) == (True, False, False, False)
    assert agent.limits == Limits(model_calls_max=5, tool_calls_max=9, tokens_max=30_000, seconds_max=60)
    assert agent.instructions == "You know the data model.\n\nCite path:line."
    assert agent.version == hashlib.sha256(SCHEMA.encode()).hexdigest()[:12]
    assert phrases(agent) == (
        "States models and their fields",
        "field types and defaults",
        "foreign keys",
        "Relations too",
    )


def test_what_is_left_out_is_the_least(tmp_path: Path) -> None:
    """An agent that names no tools has none, and may read, act and meet visitors as little."""
    agent = load_roster(write_agents(tmp_path, migrations=MIGRATIONS), None, TOOLS).agent("migrations")
    assert (agent.tools, agent.kinds, agent.examples) == ((), (), ())
    assert {agent.reads_private, agent.sees_untrusted, agent.acts_outside, agent.visitors} == {False}
    assert agent.limits == Limits()
    assert agent.serves(None)
    assert agent.serves("blog")


def test_kinds_decide_who_serves(tmp_path: Path) -> None:
    """A project's specialist serves its kind, and no request outside of such a project."""
    agent = load_roster(write_agents(tmp_path, schema=SCHEMA, migrations=MIGRATIONS), None, TOOLS).agent("schema")
    assert agent.serves("django-erp")
    assert not agent.serves("blog")
    assert not agent.serves(None)


def test_the_home_shadows_the_catalog(tmp_path: Path) -> None:
    """An agent file in the home takes the place of the catalog's agent of that name."""
    catalog = write_agents(tmp_path / "catalog", schema=SCHEMA, migrations=MIGRATIONS)
    home = write_agents(tmp_path / "home", migrations=MIGRATIONS.replace("You write", "I write"), own=OWN)
    roster = load_roster(catalog, home, TOOLS)
    assert roster.names == ("migrations", "own", "schema")
    assert roster.agent("migrations").instructions == "I write migrations."
    assert roster.agent("migrations").file == str(home / "agents" / "migrations.md")
    assert agent_files(catalog, home)["schema"] == catalog / "agents" / "schema.md"


OWN = MIGRATIONS.replace("name: migrations", "name: own")


def test_only_engaged_agents_of_the_catalog_load(tmp_path: Path) -> None:
    """The roster is the engaged part of the catalog and all of the home; names of the rest may still be mentioned."""
    catalog = write_agents(tmp_path / "catalog", schema=SCHEMA, migrations="broken, but not engaged")
    home = write_agents(tmp_path / "home", own=OWN)
    roster = load_roster(catalog, home, TOOLS, engaged=("schema",))
    assert roster.names == ("own", "schema")
    assert roster.known == {"own", "schema", "migrations"}
    with pytest.raises(Unknown, match=r"no engaged agent named “migrations”.*\[roster\]"):
        roster.agent("migrations")
    with pytest.raises(Unknown, match=r"no agent named “shema”\. Did you mean schema\?"):
        roster.agent("shema")


def test_an_unknown_engaged_agent_is_told_at_its_line_of_nova_toml(tmp_path: Path) -> None:
    """A typo in the roster points into nova.toml."""
    catalog = write_agents(tmp_path / "catalog", schema=SCHEMA, migrations=MIGRATIONS)
    home = write_agents(tmp_path / "home")
    (home / "nova.toml").write_text('[roster]\nagents = [\n  "schema",\n  "migration",\n]\n')
    assert told(catalog, home, ("schema", "migration")) == [
        "nova.toml:4: There is no agent named “migration”. Did you mean migrations?"
    ]


def test_all_files_are_told_at_once(tmp_path: Path) -> None:
    """Problems of every file arrive together, each at its line."""
    text = SCHEMA.replace("files_read]", "files_reed]").replace("[migrations]", "[migration, schema]")
    other = MIGRATIONS.replace("---\nYou", "skils: []\n---\nYou")
    catalog = write_agents(tmp_path, schema=text, migrations=MIGRATIONS, third=other, Fourth="")
    assert told(catalog) == [
        "Fourth.md:1: This file does not begin with front matter. "
        "Make --- the first line, then the keys, then --- on a line of its own.",
        "schema.md:5: There is no tool named “files_reed”. Did you mean files_read or files_list?",
        "schema.md:24: There is no agent named “migration”. Did you mean migrations?",
        "schema.md:24: An agent cannot point to itself here. Delete it.",
        "third.md:4: “skils” is no key here. Did you mean “skills”?",
    ]


def test_skills_must_exist(tmp_path: Path) -> None:
    """A skill is a folder with a SKILL.md, in the catalog or in the home; any other name is a problem."""
    catalog = write_agents(tmp_path, schema=SCHEMA.replace("skills: []", "skills: [orm]"), migrations=MIGRATIONS)
    assert told(catalog) == ["schema.md:7: There is no skill named “orm”. Known: none."]
    (catalog / "skills" / "orm").mkdir(parents=True)
    (catalog / "skills" / "orm" / "SKILL.md").write_text("# ORM\n")
    assert load_roster(catalog, None, TOOLS).agent("schema").skills == ("orm",)


def test_only_markdown_that_is_not_hidden_is_an_agent(tmp_path: Path) -> None:
    """Locks of editors and other files beside the agents are left alone; a file in the folder's place is told."""
    catalog = write_agents(tmp_path / "catalog", migrations=MIGRATIONS)
    (catalog / "agents" / ".#migrations.md").symlink_to("owner@host.1234")
    (catalog / "agents" / "notes.txt").write_text("not an agent")
    assert load_roster(catalog, None, TOOLS).names == ("migrations",)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "agents").write_text("")
    assert told(catalog, tmp_path / "home") == ["agents: This is a file, and a folder is expected here."]


def test_lines_for_whoever_points_into_a_file(tmp_path: Path) -> None:
    """A later finding about an example can be shown where the example stands."""
    catalog = write_agents(tmp_path, schema=SCHEMA)
    assert agent_lines(catalog / "agents" / "schema.md").line(("nova", "examples", 1)) == 20


def test_an_agent_can_be_read_from_bytes() -> None:
    """A file that is not saved yet can be checked as if it were."""
    assert parse_agent(MIGRATIONS.encode(), Path("agents/migrations.md")).description == "Writes migrations."


def test_a_whole_catalog_loads_fast() -> None:
    """34 files take no more than 60 ms of CPU, the best of three."""
    catalog = Path(__file__).parents[3] / "catalog"
    names = [file.read_bytes() for file in sorted((catalog / "agents").glob("*.md"))][:34]
    files = sorted((catalog / "agents").glob("*.md"))[:34]
    spent: list[float] = []
    for _ in range(3):
        start = time.process_time()
        for data, file in zip(names, files, strict=True):
            parse_agent(data, file)
        spent.append(time.process_time() - start)
    assert min(spent) * 34 / len(files) <= 0.060
