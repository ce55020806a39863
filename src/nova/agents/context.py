"""What is put before a model for one run, under a token budget, with a list of what was left out and why.

Pure: takes texts, gives texts. Refuses to fetch anything, and never cuts silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nova.agents.hearing import EARLIER, hear, spoken, wanted
from nova.core.conversations import Turn
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.text import tokens_of
from nova.memory import profile as profiles
from nova.memory.recall import Recall

PROFILE_SHARE_MAX = 0.3
PROJECT_SHARE_MAX = 0.3
EARLIER_SHARE_MAX = 0.12
MEMORY_SHARE_MAX = 0.4
TURNS_SHARE = 0.25  # what memory leaves to the newest turns; to the very newest it leaves all it takes
LISTED_MAX = 20  # parts of the profile that are listed one by one
NOTHING_RECALLED = Recall()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One text in the context. kind: agent, profile, project, note, episode, conversation, request.

    why: by what a piece of memory was found; empty for what is always there.
    """

    kind: str
    name: str
    text: str
    why: str = ""

    @property
    def tokens(self) -> int:
        """About how many tokens it takes."""
        return tokens_of(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A text that did not get in, with its size and the reason."""

    kind: str
    name: str
    tokens: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The pieces in the order they are shown, the turns of the conversation that fit, and what was left out."""

    pieces: tuple[Piece, ...]
    turns: tuple[Turn, ...]
    request: str
    left_out: tuple[LeftOut, ...]
    budget_tokens: int

    @property
    def tokens(self) -> int:
        """About how many tokens everything takes together."""
        return sum(piece.tokens for piece in self.pieces)


def assemble(
    *,
    instructions: Piece,
    profile: Piece,
    project: Piece | None,
    turns: Sequence[Turn],
    request: str,
    budget_tokens: int,
    scope: Scope,
    conversation: str = "",
    recalled: Recall = NOTHING_RECALLED,
) -> Context:
    """The context of one run: instructions and request always, then profile, project, memory, and the newest turns.

    The profile is ranked by the request where it is over its budget; recalled: best first.

    A turn whose label names a scope outside stays out. Turns that do not fit word for word are there as lines that
    cite them; conversation: its id, for the command that shows them in full.
    """
    left_out: list[LeftOut] = []
    asked = _asked(request, budget_tokens, left_out)
    room = budget_tokens - instructions.tokens - tokens_of(asked)
    pieces = [instructions]
    pieces += _profile(profile, request, min(room, int(budget_tokens * PROFILE_SHARE_MAX)), left_out)
    if project is not None and project.text.strip():
        kept = _fit(project, min(room, int(budget_tokens * PROJECT_SHARE_MAX)), left_out)
        pieces += [kept] if kept else []
    room = budget_tokens - tokens_of(asked) - sum(piece.tokens for piece in pieces)
    free = wanted(turns, scope, int(budget_tokens * TURNS_SHARE))
    pieces += _remembered(recalled, min(room - free, int(budget_tokens * MEMORY_SHARE_MAX)), left_out)
    room = budget_tokens - tokens_of(asked) - sum(piece.tokens for piece in pieces)
    heard = hear(turns, scope, room, earlier_tokens_max=int(budget_tokens * EARLIER_SHARE_MAX))
    if heard.earlier.lines:
        pieces.append(Piece(kind="conversation", name=EARLIER, text=heard.earlier.text))
    pieces += [Piece(kind="conversation", name=turn.run, text=spoken(turn)) for turn in heard.turns]
    for name, tokens, why in heard.unheard(conversation):
        left_out.append(LeftOut(kind="conversation", name=name, tokens=tokens, why=why))
    pieces.append(Piece(kind="request", name="request", text=asked))
    return Context(
        pieces=tuple(pieces), turns=heard.turns, request=asked, left_out=tuple(left_out), budget_tokens=budget_tokens
    )


def _profile(profile: Piece, request: str, room_tokens: int, left_out: list[LeftOut]) -> list[Piece]:
    """The profile, or its parts that matter most; each part that is left out is listed."""
    fitted = profiles.fit(profile.text, request, room_tokens)
    for name, tokens in fitted.left_out[:LISTED_MAX]:
        why = f"the profile is over its budget of {room_tokens:,} tokens; this part says less about the request"
        left_out.append(LeftOut(kind="profile", name=f"{profile.name}: {name}", tokens=tokens, why=why))
    if more := fitted.left_out[LISTED_MAX:]:
        why = f"over the budget of {room_tokens:,} tokens, like those above"
        name = f"{profile.name}: {len(more):,} more parts"
        left_out.append(LeftOut(kind="profile", name=name, tokens=sum(tokens for _, tokens in more), why=why))
    return [Piece(kind="profile", name=profile.name, text=fitted.text)] if fitted.text else []


def _remembered(recalled: Recall, room_tokens: int, left_out: list[LeftOut]) -> list[Piece]:
    """What was recalled, as far as it fits, best first; what was found and is not shown is listed with its reason."""
    pieces: list[Piece] = []
    for one in recalled.pieces:
        if one.tokens <= room_tokens:
            pieces.append(Piece(kind=one.tier, name=one.id, text=one.text, why=one.why))
            room_tokens -= one.tokens
        else:
            left_out.append(LeftOut(kind=one.tier, name=one.id, tokens=one.tokens, why="no room left in the context"))
    left_out += [LeftOut(kind=one.tier, name=one.id, tokens=one.tokens, why=one.why) for one in recalled.left_out]
    return pieces


def _asked(request: str, budget_tokens: int, left_out: list[LeftOut]) -> str:
    """The request, its middle cut out when it takes more than half of the budget."""
    if tokens_of(request) <= budget_tokens // 2:
        return request
    length = budget_tokens  # a quarter of the budget on either side, at four characters a token
    why = f"the request is longer than half of the budget of {budget_tokens:,} tokens; its middle was cut"
    left_out.append(LeftOut(kind="request", name="request", tokens=tokens_of(request[length:-length]), why=why))
    return f"{request[:length]}\n[... cut ...]\n{request[-length:]}"


def _fit(piece: Piece, room_tokens: int, left_out: list[LeftOut]) -> Piece | None:
    """The piece if it fits, else its first paragraphs that do; what does not fit is listed."""
    if piece.tokens <= room_tokens:
        return piece
    kept: list[str] = []
    paragraphs = piece.text.split("\n\n")
    while paragraphs and tokens_of("\n\n".join([*kept, paragraphs[0]])) <= room_tokens:
        kept.append(paragraphs.pop(0))
    rest = "\n\n".join(paragraphs)
    why = f"over its budget of {max(room_tokens, 0):,} tokens; the first {len(kept)} paragraphs are in"
    left_out.append(LeftOut(kind=piece.kind, name=piece.name, tokens=tokens_of(rest), why=why))
    return Piece(kind=piece.kind, name=piece.name, text="\n\n".join(kept)) if kept else None


def pieces_json(context: Context) -> list[Json]:
    """The pieces as the record keeps them: kind, name, tokens, and why memory gave it; not the text again."""
    return [_piece_json(piece) for piece in context.pieces]


def _piece_json(piece: Piece) -> Json:
    written: dict[str, Json] = {"kind": piece.kind, "name": piece.name, "tokens": piece.tokens}
    return {**written, "why": piece.why} if piece.why else written


def left_out_json(context: Context) -> list[Json]:
    """What was left out, as the record keeps it."""
    return [{"kind": one.kind, "name": one.name, "tokens": one.tokens, "why": one.why} for one in context.left_out]
