"""The text index: found by stem, behind the wall, best first, in step with what is put in, changed and taken out."""

from __future__ import annotations

import pytest
from tests.support.places import Place

from nova.core.labels import Scope
from nova.store.database import Database
from nova.store.indexes import leaf
from nova.store.textindex import WORDS_MAX, TextIndex, Words, query_words

AIREP, BLOG = Scope.of("airep"), Scope.of("blog")
EPISODES = TextIndex.EPISODES


def put(database: Database, *rows: tuple[int, str, str], index: TextIndex = EPISODES) -> None:
    with database.write() as connection:
        leaf(connection).put(connection, index, [(seq, scope, Words(said=said)) for seq, scope, said in rows])


def found(
    database: Database, request: str, scope: Scope = AIREP, index: TextIndex = EPISODES, count: int = 10
) -> list[int]:
    """The numbers of the rows that a request finds, best first."""
    with database.read() as connection:
        return [seq for seq, _ in leaf(connection).search(connection, scope, index, query_words(request), count)]


@pytest.mark.parametrize(
    ("text", "request_text"),
    [
        ("The migrations were running", "who runs a migration?"),
        ("Überweisung an die Bäckerei", "baeckerei bäckerei"),
        ("Überweisung an die Bäckerei", "BACKEREI uberweisung"),
        ("see src/nova/views.py:42", "views.py"),
        ("mail to jonas@kehr-nord.example", "kehr-nord"),
        ("invoice_total is a Decimal", "total"),
        ("released 3.11.7 on 2026-11-20", "2026-11-20"),
        ("東京 の 会議", "東京"),
        ("x = 10e5 + 0x1f", "10e5"),
        ("100 Ångström, naïve", "angstrom"),
    ],
)
def test_a_row_is_found_by_its_words_in_any_form(database: Database, text: str, request_text: str) -> None:
    """Case, accents, endings and signs between words do not matter."""
    put(database, (1, "airep", text), (2, "airep", "something else altogether"))
    assert found(database, request_text) == [1]


def test_another_scope_finds_nothing(database: Database) -> None:
    """A row answers only to its own scope, and the name of a scope is no word of it."""
    put(database, (1, "airep", "the deposit is 30 percent"), (2, "blog", "the deposit of the blog"))
    assert found(database, "deposit") == [1]
    assert found(database, "deposit", BLOG) == [2]
    assert sorted(found(database, "deposit", Scope.owner(["airep", "blog"]))) == [1, 2]
    assert found(database, "deposit", Scope.of("home")) == []
    assert found(database, "airep blog") == []


def test_the_indexes_are_apart(database: Database) -> None:
    """What is put into one index is not found in another."""
    put(database, (1, "airep", "deposit"), index=TextIndex.NOTES)
    assert found(database, "deposit", index=TextIndex.NOTES) == [1]
    assert found(database, "deposit") == []


def test_function_words_find_nothing_unless_there_is_nothing_else(database: Database) -> None:
    """A request is searched by its telling words; one without any is searched by what it has."""
    put(database, (1, "airep", "What is the tax rate?"), (2, "airep", "Who are you and what do you do"))
    assert found(database, "what is the rate") == [1]
    assert found(database, "who are you") == [2]
    assert found(database, "") == found(database, "?!") == []


def test_a_rare_word_counts_more_than_a_frequent_one(database: Database) -> None:
    """Among rows with one word of the request each, the one with the rarer word comes first."""
    put(database, *((number, "airep", f"the invoice number {number * 1000}") for number in range(1, 30)))
    put(database, (40, "airep", "the kiosk number 40000"))
    assert found(database, "invoice kiosk")[0] == 40


def test_more_of_the_words_and_fewer_others_count_more(database: Database) -> None:
    """Two words beat one, twice beats once, and a short text beats a long one that says the same."""
    filler = "and then there was talk of many other things besides, lunch, weather, trains and the garden wall"
    put(database, *((number, "airep", f"nothing of interest {number}") for number in range(10, 30)))
    put(database, (1, "airep", "tax adviser called"), (2, "airep", "tax office called"))
    put(database, (3, "airep", "bicycle bicycle repair"), (4, "airep", "bicycle chain repair"))
    put(database, (5, "airep", "lantern oil"), (6, "airep", f"lantern oil {filler}"))
    assert found(database, "tax adviser") == [1, 2]
    assert found(database, "bicycle") == [3, 4]
    assert found(database, "lantern") == [5, 6]


def test_scores_fall_and_rows_are_as_many_as_asked_for(database: Database) -> None:
    """The best `count_max` rows come, with scores that only fall."""
    put(database, *((number, "airep", "deposit " * (number % 3 + 1) + f"row{number}") for number in range(1, 40)))
    with database.read() as connection:
        hits = leaf(connection).search(connection, AIREP, EPISODES, ["deposit"], 25)
        assert leaf(connection).search(connection, AIREP, EPISODES, ["deposit"], 0) == []
    scores = [score for _, score in hits]
    assert len(hits) == len({seq for seq, _ in hits}) == 25
    assert scores == sorted(scores, reverse=True)


def test_changed_words_are_found_and_the_old_ones_are_not(database: Database) -> None:
    """A row that is changed is found by its new words, under its new scope, and no longer by the old."""
    put(database, (1, "airep", "the contact is Jonas"), (2, "airep", "the contact is Anna"))
    with database.write() as connection:
        leaf(connection).change(connection, EPISODES, [(1, "blog", Words(said="the contact is Petra"))])
    assert found(database, "Jonas") == []
    assert found(database, "Petra", BLOG) == [1]
    assert found(database, "contact") == [2]


def test_removed_rows_are_gone(database: Database) -> None:
    """A row that is taken out is not found, and the index knows which rows it has."""
    put(database, *((number, "airep", f"deposit {number}") for number in range(1, 6)))
    with database.write() as connection:
        leaf(connection).remove(connection, EPISODES, [2, 4])
        leaf(connection).remove(connection, EPISODES, [])
    assert sorted(found(database, "deposit")) == [1, 3, 5]
    with database.read() as connection:
        assert leaf(connection).numbers(connection, EPISODES) == {1, 3, 5}
    with database.write() as connection:
        leaf(connection).scrub(connection)
    assert sorted(found(database, "deposit")) == [1, 3, 5]


def test_what_is_not_committed_is_not_found(database: Database) -> None:
    """Words go with their transaction."""

    def fails() -> None:
        with database.write() as connection:
            leaf(connection).put(connection, EPISODES, [(1, "airep", Words(said="deposit"))])
            raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError, match="pulled"):
        fails()
    assert found(database, "deposit") == []


def test_a_cleared_index_can_be_filled_again(database: Database) -> None:
    """An index that is made anew is empty, sound, and takes rows."""
    put(database, (1, "airep", "deposit"))
    with database.write() as connection:
        leaf(connection).clear(connection, EPISODES)
        assert leaf(connection).sound(connection, EPISODES)
        assert leaf(connection).numbers(connection, EPISODES) == set()
    put(database, (1, "airep", "deposit"))
    assert found(database, "deposit") == [1]


def test_a_lost_index_is_not_sound(database: Database) -> None:
    """An index whose table or tree is gone is told apart from one that is whole, and can be made again."""
    with database.write() as connection:
        assert leaf(connection).sound(connection, EPISODES)
        connection.exec_driver_sql(f"DROP TABLE {EPISODES.value}")
    with database.write() as connection:
        broken = not leaf(connection).sound(connection, EPISODES)
    assert broken
    with database.write() as connection:
        leaf(connection).clear(connection, EPISODES)
        assert leaf(connection).sound(connection, EPISODES)


LONG = [
    " ".join(f"word{number:06}x" for number in range(60_000)),
    "deposit" * 50_000,
    "\N{PILE OF POO} " * 100_000,
    "é" * 300_000,
    "",
    "' \" \\ & | ! ( ) : * <-> \0",
]


@pytest.mark.parametrize("text", LONG, ids=["many", "one-long", "signs", "accents", "empty", "operators"])
def test_no_text_is_too_odd_to_be_indexed(database: Database, text: str) -> None:
    """However long or odd a text is, it is taken; and so is a request of the same words."""
    put(database, (1, "airep", f"deposit {text}"))
    assert found(database, "deposit") == [1]
    assert found(database, text[:20_000]) in ([1], [])


def test_a_request_of_very_many_words_is_answered(database: Database) -> None:
    """A pasted page is searched by its first words, not refused."""
    put(database, (1, "airep", "needle in the hay"))
    assert found(database, "needle " + " ".join(f"hay{number}" for number in range(WORDS_MAX * 3))) == [1]


def test_both_engines_rank_alike(place: Place, database: Database) -> None:
    """Both words, then the rarer ones said often, then once, then once in a long text: the same on each engine."""
    rows = [
        "invoice for the deposit of March",
        "invoice invoice invoice",
        "the deposit was paid",
        "a long note about trains, weather and lunch in which one invoice is mentioned",
        "deposit invoice",
        *(f"nothing of note happened on day {number}" for number in range(30)),
    ]
    put(database, *((number, "airep", text) for number, text in enumerate(rows, start=1)))
    assert found(database, "deposit invoice") == [5, 1, 2, 3, 4], place.engine


def test_what_was_said_weighs_more_than_what_was_said_around_it(database: Database) -> None:
    """Who and when, then the words themselves, then those beside, then those further away."""
    rows = [
        (1, "airep", Words(said="yes", near="it stands", far="the lantern is lit")),
        (2, "airep", Words(said="yes", near="the lantern is lit", far="it stands")),
        (3, "airep", Words(said="the lantern is lit", near="yes", far="it stands")),
        (4, "airep", Words(head="lantern", said="it is lit", near="yes", far="it stands")),
        *((seq, "airep", Words(said="nothing of note")) for seq in range(5, 20)),
    ]
    with database.write() as connection:
        leaf(connection).put(connection, EPISODES, rows)
    assert found(database, "lantern") == [4, 3, 2, 1]
