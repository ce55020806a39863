"""Posts of a site: what is found on a topic, the file of a draft, and the numbers of a style guide."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.tools.places import reach, write

from nova.core.errors import ToolFailed
from nova.tools.builtin.posts import Material, PostChecked, PostWritten, slug
from nova.tools.registry import call, toolbox

POST = "---\ntitle: {title}\ndate: 2026-10-01\ntags: [{tags}]\nsummary: {summary}\n---\n{body}\n"


def test_control_characters_do_not_get_into_a_file() -> None:
    """A title from anywhere is one printable line."""
    arguments = json.dumps({"topic": "cats", "title": "A\x1b[31m\ntitle\u0000", "body": "x"})
    made = asyncio.run(ask(Path("/nonexistent"), "post_file", arguments))
    assert isinstance(made, PostWritten)
    assert all(line.isprintable() for line in made.content.split("\n"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small site with two posts, a draft and a list of ideas."""
    return write(
        tmp_path,
        {
            "posts/2026-01-cron.md": POST.format(
                title="Cron or a queue",
                tags="operations, django",
                summary="Jobs at night.",
                body="Cron jobs ran at night.",
            ),
            "posts/2026-02-cats.md": POST.format(
                title="Cats", tags="cats", summary="Of cats.", body="Cats sleep a lot."
            ),
            "drafts/queue.md": POST.format(
                title="Why a queue", tags="operations", summary="", body="A queue of jobs needs a worker to look at it."
            ),
            "docs/ideas.md": "# Ideas\n\n- What a queue of jobs costs a small company in a year.\n",
        },
    )


def all_words(root: Path) -> str:
    """Everything that stands in the site."""
    return " ".join(path.read_text(encoding="utf-8") for path in root.rglob("*.md"))


async def ask(root: Path, tool: str, arguments: str) -> object:
    """The typed fields of a call."""
    return (await call(toolbox()[tool], arguments, reach(root))).data


async def test_the_material_on_a_topic_is_found_by_its_words(root: Path) -> None:
    """The idea, the draft and the related post, none about cats; every point of the outline stands in a file."""
    found = await ask(root, "post_material", '{"topic": "What a queue of jobs costs"}')
    assert isinstance(found, Material)
    assert found.idea_place == "docs/ideas.md:3"
    assert {one.path for one in found.related} == {"posts/2026-01-cron.md", "drafts/queue.md"}
    assert found.known_tags[0] == "operations"
    texts = all_words(root)
    assert all(one.text in texts for one in found.points)
    assert not any("cats" in one.text.casefold() for one in found.points)


async def test_a_project_without_posts_is_told_so(tmp_path: Path) -> None:
    """No folder with posts: said, with what this is for."""
    with pytest.raises(ToolFailed, match="no folder with posts"):
        await ask(write(tmp_path, {"a.md": "# A\n"}), "post_material", '{"topic": "queues"}')


async def test_a_file_that_nobody_wrote_says_so(root: Path) -> None:
    """Without a body the draft holds what was found and the sentence that nobody has written it."""
    made = await ask(root, "post_file", '{"topic": "Queues: why?", "found": ["docs/ideas.md:3  a line"]}')
    assert isinstance(made, PostWritten)
    assert (made.written, made.words, made.name) == (False, 0, "queues-why.md")
    assert "Nobody has written this post yet" in made.content
    assert "- docs/ideas.md:3  a line" in made.content


WORDS = st.text(st.characters(exclude_categories=["C"]), max_size=80)


@given(WORDS, WORDS)
def test_any_title_gives_a_file_name_and_front_matter_that_can_be_read(title: str, summary: str) -> None:
    """Whatever the words, the name is plain and the front matter is YAML with these very words."""
    assert slug(title).replace("-", "").isalnum()
    arguments = json.dumps({"topic": "cats and dogs", "title": title, "summary": summary, "body": "Text."})
    made = asyncio.run(ask(Path("/nonexistent"), "post_file", arguments))
    assert isinstance(made, PostWritten)
    front = yaml.load(made.content.split("---\n")[1], Loader=yaml.BaseLoader)
    assert front["title"] == (" ".join(title.split()) or "cats and dogs")
    assert front["summary"] == " ".join(summary.split())


async def test_the_numbers_of_a_style_guide_are_counted(root: Path) -> None:
    """Each rule that is not kept is named once with its line; a post that keeps them is clean."""
    bad = POST.format(
        title="T", tags="a, b, c, d, cats", summary="Why?", body="Just so!\n\nTo do: the end.\n\n# A heading"
    )
    arguments = {"content": bad, "unwanted": ["just"], "tags": ["a", "b", "c", "d"], "headings_from_words": 400}
    found = await ask(root, "post_check", json.dumps(arguments))
    assert isinstance(found, PostChecked)
    assert [(one.rule, one.line) for one in found.breaches] == [
        ("length", 0), ("summary", 1), ("tags", 1), ("tags", 1), ("words", 7), ("exclamation", 7), ("gap", 9),
        ("headings", 11),
    ]  # fmt: skip
    good = POST.format(title="T", tags="a", summary="S.", body="A short sentence stands here. " * 60)
    clean = await ask(root, "post_check", json.dumps({"content": good}))
    assert isinstance(clean, PostChecked)
    assert clean.clean
