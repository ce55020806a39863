"""What is put before a model for one run, under a token budget, with a list of what was left out and why.

Pure: takes texts, gives texts. Refuses to fetch anything, and never cuts silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nova.agents.hearing import EARLIER, hear, spoken
from nova.core.conversations import Turn
from nova.core.json import Json
from nova.core.labels import Scope
from nova.core.text import tokens_of

PROFILE_SHARE_MAX = 0.3
PROJECT_SHARE_MAX = 0.3
EARLIER_SHARE_MAX = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One text in the context. kind: agent, profile, project, conversation, request."""

    kind: str
    name: str
    text: str

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
) -> Context:
    """The context of one run: instructions and request always, then profile, project, and the newest turns first.

    A turn whose label names a scope outside stays out. Turns that do not fit word for word are there as lines that
    cite them; conversation: its id, for the command that shows them in full.
    """
    left_out: list[LeftOut] = []
    asked = _asked(request, budget_tokens, left_out)
    room = budget_tokens - instructions.tokens - tokens_of(asked)
    pieces = [instructions]
    for piece, share in ((profile, PROFILE_SHARE_MAX), (project, PROJECT_SHARE_MAX)):
        if piece is None or not piece.text.strip():
            continue
        kept = _fit(piece, min(room, int(budget_tokens * share)), left_out)
        room -= kept.tokens if kept else 0
        pieces += [kept] if kept else []
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
    """The pieces as the record keeps them: kind, name and tokens, not the text again."""
    return [{"kind": piece.kind, "name": piece.name, "tokens": piece.tokens} for piece in context.pieces]


def left_out_json(context: Context) -> list[Json]:
    """What was left out, as the record keeps it."""
    return [{"kind": one.kind, "name": one.name, "tokens": one.tokens, "why": one.why} for one in context.left_out]
