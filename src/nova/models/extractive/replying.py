"""One step of the built-in model: from everything said so far to the next calls, or the answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova.models.extractive import answering, briefed, choosing, continuing, declining, following, remembering, talking
from nova.models.extractive.arguments import names_authors, searches
from nova.models.extractive.concepts import concepts
from nova.models.extractive.opening import driving, value_of
from nova.models.extractive.places import is_path
from nova.models.extractive.ranking import Encode
from nova.models.extractive.reading import Reading, read
from nova.models.extractive.values import Answer, Ask, Call, Conversation, Line, Reply, Tool
from nova.models.extractive.wanting import asks_to_write

_PROJECT = re.compile(
    r"^[ \t]*(?:(?:[-*#]+[ \t]*)?project:[ \t]*`?|# The project\s+)([\w.-]+)", re.IGNORECASE | re.MULTILINE
)
EMPTY = "The request is empty. Ask a question, for instance about a file, a model, a commit or an issue."


def reply(conversation: Conversation, tools: Sequence[Tool], encode: Encode | None = None) -> Reply:
    """The next step of a conversation whose last turn is unanswered."""
    turn = conversation.now
    if not turn.request.strip():
        return Answer(text=EMPTY, nothing_found=True)
    thing = declining.generates(conversation.instructions)
    writes = asks_to_write(turn.request, thing, _measures(tools))
    told = briefed.facts(conversation.instructions)
    if told and briefed.only_points(turn.request):
        wanted = briefed.made(turn.request)
        return briefed.answer(told, thing or wanted, writes=writes or bool(wanted))
    if not tools:
        return (
            declining.declined(thing, None)
            if writes
            else talking.answer(turn.request, conversation.instructions, encode)
        )
    text, entry = following.whole(conversation, tools)
    reading = read(without_project(text, conversation.instructions), conversation.today)
    calls = _next(reading, tools, conversation, entry, encode)
    if calls:
        return Ask(calls=calls)
    known = remembering.telling(reading, remembering.remembered(conversation.instructions), encode)
    if not turn.results and not known:
        found = Answer(text="\n".join([answering.NOTHING, answering.HELPS]), nothing_found=True)
    else:
        found = answering.answer(reading, tools, turn, encode, writes=writes, known=known)
    if found.nothing_found and told:
        return briefed.answer(told, thing, writes=writes)
    return declining.declined(thing, found) if writes else found


def without_project(text: str, instructions: str) -> str:
    """A request without the name of the project it is asked in, as the instructions name it (`Project: NAME`)."""
    found = _PROJECT.search(instructions)
    if found is None:
        return text
    name = re.escape(found[1]).replace(r"\-", "[- ]")
    left = re.sub(rf"(?:\b(?:in|of|for|on|from|at|with)\s+)?(?<![\w/]){name}(?![\w/.])", " ", text, flags=re.IGNORECASE)
    return left if left.strip(" ?!.,") else text


def _measures(tools: Sequence[Tool]) -> frozenset[str]:
    """The concepts that tools' names stand for beyond their family: `counts` of `text_counts`."""
    return frozenset[str]().union(*(concepts(tool.name.partition("_")[2]) for tool in tools)) - {"read"}


def _next(
    reading: Reading, tools: Sequence[Tool], conversation: Conversation, entry: Line | None, encode: Encode | None
) -> tuple[Call, ...]:
    if conversation.now.rounds:
        return continuing.after(reading, tools, conversation.now, encode)
    if entry is not None and (opened := _open(entry, tools)):
        return opened
    return choosing.first(reading, tools)


def _open(entry: Line, tools: Sequence[Tool]) -> tuple[Call, ...]:
    """The call that shows one entry of an earlier answer, by the most special tool that its text fits."""
    made: list[tuple[int, Call]] = []
    for tool in tools:
        if searches(tool):
            continue
        argument = driving(tool)
        value = value_of(argument, entry) if argument is not None else None
        if argument is not None and value is not None and not names_authors(tool):
            call = Call.of(tool.name, **{argument.name: value})
            if is_path(argument) and tool.argument("start_line") and entry.number:
                call = call.but(start_line=max(1, entry.number - 2), end_line=entry.number + continuing.LINES_AFTER)
            made.append((2 if is_path(argument) else 0, call))
    made.sort(key=lambda pair: (pair[0], pair[1].tool))
    return tuple(call for _, call in made[:1])
