"""A conversation named: one name for one conversation, and never one that could be read as an id."""

from __future__ import annotations

import re

from nova.app.conversations import Listed, again
from nova.app.house import Nova
from nova.coordinator import conversation as talk
from nova.core.errors import BadInput
from nova.core.text import printable
from nova.store import conversations

NAME_CHARACTERS_MAX = 60
_LIKE_AN_ID = re.compile(r"^c(?=[0-9a-hjkmnp-tv-z]*\d)[0-9a-hjkmnp-tv-z]{4,10}$")


def name(nova: Nova, which: str, given: str) -> Listed:
    """Gives it a name that is usable wherever an id is. Raises Unknown, or BadInput for a name that cannot be."""
    wanted = " ".join(printable(given).split())
    _refuse_bad_name(wanted)
    found = talk.find(nova.database, nova.everything, which)
    with nova.database.write() as connection:
        for other in conversations.latest(connection, nova.everything, talk.NAMES_MAX, named_only=True):
            if other.name.casefold() == wanted.casefold() and other.id != found.id:
                mend = f"Choose another, or rename that one: nova conversations name {other.id} NAME"
                raise BadInput(f"The conversation {other.id} is already called “{other.name}”.", mend)
        if conversations.beginning_with(connection, nova.everything, wanted):
            raise _like_an_id(wanted)
        conversations.rename(connection, nova.everything, found.id, wanted)
    return again(nova, found.id)


def _refuse_bad_name(wanted: str) -> None:
    if not wanted or not wanted[0].isalnum():
        raise BadInput(
            "A name begins with a letter or a digit.", 'For instance: nova conversations name c12 "invoices"'
        )
    if len(wanted) > NAME_CHARACTERS_MAX:
        raise BadInput(f"This name has {len(wanted)} characters; {NAME_CHARACTERS_MAX} is the most.", "Shorten it.")
    if _LIKE_AN_ID.match(wanted.casefold()):
        raise _like_an_id(wanted)


def _like_an_id(wanted: str) -> BadInput:
    what = f"“{wanted}” looks like the id of a conversation, so it could mean two."
    return BadInput(what, "Choose a name that does not, for instance with a hyphen.")
