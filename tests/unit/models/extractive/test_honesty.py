"""What the built-in model says when it cannot, or found nothing, or was told no."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic_ai import Agent, Tool
from tests.unit.models.extractive.person import Person, at, repository

from nova.models.extractive import ExtractiveModel

NEEDS = "without a language model: add a key (`nova models`) and ask again."


@pytest.mark.parametrize(
    ("project", "tools", "generates", "request_text"),
    [
        ("blog", ["files_read", "files_search"], "a translation", "translate the newest post into German"),
        ("blog", ["files_read", "files_search"], "a translation", "das auf Englisch bitte: Die Rechnung ist da."),
        ("airep", ["files_search", "files_read"], "an email", "please write an email to the customer about the delay"),
        ("airep", ["issues_read", "files_search"], "a patch", "Fix issue 5"),
        ("airep", ["files_search"], "an email", "payment reminder, second one, firm but friendly"),
    ],
)
async def test_what_must_be_generated_is_declined_by_name(
    project: str, tools: list[str], generates: str, request_text: str
) -> None:
    """Writing is declined in the first line, naming what would be needed and how to get it."""
    asked = at(project, tools, generates)
    answer = await asked.ask(request_text)
    assert answer.splitlines()[0].startswith(f"I can't write {generates} {NEEDS}")
    assert asked.told["needs_model"] == generates


async def test_a_declined_request_still_gets_its_facts() -> None:
    """The issue that a patch was asked for is quoted below the refusal."""
    answer = await at("airep", ["issues_read", "files_search", "files_read"], "a patch").ask(
        "propose a fix for issue 5"
    )
    assert "What I can give you are the facts it would be built on:" in answer
    assert "`issues/005-" in answer


@pytest.mark.parametrize(
    ("tools", "generates", "question"),
    [
        (["text_counts", "files_list"], "an edited text", "how many words does the newest post have?"),
        (["text_counts", "files_list"], "an edited text", "word count and reading time of the newest post"),
        (["files_list", "files_search"], "a blog post", "which drafts are there?"),
    ],
)
async def test_facts_asked_of_a_writer_are_answered(tools: list[str], generates: str, question: str) -> None:
    """A question about facts is not declined because its agent can also write."""
    asked = at("blog", tools, generates)
    answer = await asked.ask(question)
    assert "needs_model" not in asked.told
    assert "posts/" in answer or "drafts/" in answer


async def test_nothing_found_says_what_was_looked_at() -> None:
    """When no line answers, the answer says so, names the searches, and what would help."""
    asked = at("airep", ["files_search"])
    answer = await asked.ask("where are the zeppelins?")
    assert answer.startswith("I found nothing that answers this.")
    assert "zeppelin" in answer
    assert "What would help:" in answer
    assert asked.told["nothing_found"] is True


async def test_a_near_miss_is_called_one() -> None:
    """Lines that hold only the common half of what was asked are not passed off as the answer."""
    answer = await at("airep", ["files_search"]).ask("where do we handle zeppelins?")
    assert "No line of these results names “zeppelins”." in answer


async def test_a_list_that_does_not_name_the_subject_says_so() -> None:
    """A whole list is shown, but not passed off as an answer about a word that stands in none of its lines."""
    answer = await at("airep", ["issues_list"]).ask("which open issues are about zeppelins?")
    assert "No line of these results names “zeppelins”." in answer


async def test_a_file_that_is_not_there_is_not_replaced_by_another() -> None:
    """A path that does not exist is tried and its failure said, also as a fact beside the text."""
    asked = at("airep", ["text_counts", "files_read"])
    answer = await asked.ask("count the words in docs/zeppelins.md")
    assert "docs/zeppelins.md" in asked.calls[0]
    assert "This did not work: " in answer
    assert asked.told["failed"]


async def test_a_denied_call_is_said_and_not_repeated() -> None:
    """What the gate refused is told in the answer, and asked for once."""
    asked: list[str] = []

    def files_search(query: str) -> str:
        """Searches the text of all files for words."""
        asked.append(query)
        return "Denied: the rule outside-root does not allow this."

    agent = Agent(ExtractiveModel(), tools=[Tool(files_search)])
    answer = (await agent.run("where is the rounding done?")).output
    assert "This did not work: Denied: the rule outside-root does not allow this." in answer
    assert len(asked) == len(set(asked))


async def test_every_quoted_line_stands_in_its_source() -> None:
    """Each item of an answer is found, word for word, in the file it cites."""
    asked = at("find-a-sign", ["files_search", "files_read", "files_list"])
    answer = await asked.ask("what do our rules say about phone numbers in a description?")
    items = re.findall(r"^- `([^`]+):(\d+)` (.+)$", answer, re.MULTILINE)
    assert items
    for path, _, text in items:
        source = " ".join((asked.root / path).read_text(encoding="utf-8").split())
        assert text.removesuffix("…").removeprefix("- ") in source


async def test_the_same_question_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two fresh conversations with one question end in equal texts and equal calls."""
    root = repository(tmp_path / "shop")
    people = [Person(root=root, tools=["files_search", "files_read", "git_log"]) for _ in range(2)]
    answers = [await one.ask("why is the total rounded once?") for one in people]
    assert answers[0] == answers[1]
    assert people[0].calls == people[1].calls
