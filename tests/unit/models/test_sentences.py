"""Words, sentences and readability: pure functions over text, held to small truths and any input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova.models.readability import measure, syllables
from nova.models.sentences import SENTENCES_MAX, best, rank, split
from nova.models.words import fold, stem, words


@pytest.mark.parametrize(
    "family",
    [
        "refund refunds refunded refunding",
        "invoice invoices invoiced invoicing",
        "copy copies copied",
        "migrate migrates migrated migration migrations",
        "pay paid pays",
        "branch branches",
        "tenancy tenancies",
        "class classes",
        "stop stops stopped stopping",
        "child children",
    ],
)
def test_forms_of_a_word_share_a_stem(family: str) -> None:
    """A question in one form finds a text in another."""
    assert len({stem(form) for form in family.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("order", "ore"), ("status", "state"), ("item", "items list"), ("tax", "task")]
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    """Words that only look alike are not taken for each other."""
    assert words(one) != words(other)


def test_names_in_code_are_their_words() -> None:
    """Camel case and snake case are found by the words they are made of, and as a whole."""
    assert words("StockMovement is_blocked") == [stem("stockmovement"), "stock", "movement", stem("blocked")]
    assert fold("Größe É") == "grosse e"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? “Four.” Five", ["One.", "Two!", "Three?", "“Four.”", "Five"]),
        ("See e.g. Figure 3. Dr. Brown agrees.", ["See e.g. Figure 3.", "Dr. Brown agrees."]),
        ("Am 3. Mai kam z. B. Post. Gut.", ["Am 3. Mai kam z. B. Post.", "Gut."]),
        ("P1. The deposit is held. P2. It is paid.", ["P1. The deposit is held.", "P2. It is paid."]),
        ("Costs 3.50 today. Version 1.2 is out.", ["Costs 3.50 today.", "Version 1.2 is out."]),
        ("A [link](https://x.example/a. B) and **bold** `code_name`.", ["A link and bold `code_name`."]),
        ("- [x] done\n- open\n1. first", ["done", "open", "first"]),
        ("| a | b |\n|---|---|\n| 1 | two |", ["1 | two"]),
        ("Text <!-- hidden -->\n\n<!--\nhidden\n-->\nShown.", ["Shown."]),
        ("~~~\ncode. Code.\n~~~\nShown.", ["Shown."]),
        ("---\nnever closed", ["never closed"]),
    ],
)
def test_sentences_are_cut_where_a_reader_would(text: str, sentences: list[str]) -> None:
    """Abbreviations, numbers, rule codes, lists, tables, code and comments are cut as a reader would."""
    assert [one.text for one in split(text)] == sentences


def test_sentences_know_their_line_and_section() -> None:
    """A sentence that begins in the middle of a paragraph has the line on which it begins."""
    found = split("# Head\n\nOne begins here and\ngoes on. Two begins\nhere.\n\n## Next\nThree.")
    assert [(one.line, one.heading) for one in found] == [(3, "Head"), (4, "Head"), (8, "Next")]


def test_a_query_decides_what_is_best() -> None:
    """With a query the sentence that answers it comes first; without one the centre of the text does."""
    found = split("Signs are made of brass. Signs of brass last. Refunds take five days. Brass signs shine.")
    assert best(found, 1, "when is the refund")[0].text == "Refunds take five days."
    assert "brass" in best(found, 1)[0].text.casefold()
    assert len(rank(found)) == 4


def test_repetition_is_chosen_once() -> None:
    """Of two equal sentences only one is among the best while there is anything else to say."""
    found = split("Brass signs last long. Brass signs last long. Oak rots in rain. Glue fails in frost.")
    assert [one.text for one in best(found, 2)].count("Brass signs last long.") == 1


@given(st.text(max_size=400))
def test_any_text_is_cut_and_ranked(text: str) -> None:
    """No text makes a fault; lines are lines of the text, in order, and each sentence says something."""
    found = split(text)
    lines = text.replace("\r\n", "\n").count("\n") + 1
    assert all(1 <= one.line <= lines for one in found)
    assert [one.line for one in found] == sorted(one.line for one in found)
    assert len(rank(found)) == len(found)
    assert measure([one.text for one in found]).words >= 0


def test_an_endless_text_is_limited() -> None:
    """A text of a million sentences gives the first five thousand, quickly."""
    assert len(split("One more. " * 10 + "\n\n" + "Yes.\n\n" * 50_000)) == SENTENCES_MAX


@pytest.mark.parametrize(
    ("word", "german", "count"),
    [("table", False, 2), ("signed", False, 1), ("wanted", False, 2), ("the", False, 1), ("readability", False, 5),
     ("Rechnung", True, 2), ("Häuser", True, 2), ("Datenbank", True, 3), ("xyz", True, 1)],
)  # fmt: skip
def test_syllables(word: str, german: bool, count: int) -> None:
    """Syllables are counted as they are spoken."""
    assert syllables(word, german=german) == count


def test_flesch_is_flesch() -> None:
    """The score is the published formula: 206.835 - 1.015 words per sentence - 84.6 syllables per word."""
    counted = measure(["The cat sat on the mat.", "It was happy."])
    assert (counted.words, counted.sentences, counted.syllables) == (9, 2, 10)
    assert abs(counted.flesch - (206.835 - 1.015 * 4.5 - 84.6 * 10 / 9)) < 1e-9
    assert counted.band == "very easy"


def test_vienna_is_for_german_only() -> None:
    """A German text has a Wiener Sachtextformel by its published weights, an English one has none."""
    counted = measure(["Der Hund ist nicht im Haus und die Verwaltung wartet."])
    assert counted.german
    expected = 0.1935 * 10 + 0.1672 * 10 + 0.1297 * 10 - 0.0327 * 80 - 0.875
    assert counted.vienna is not None
    assert abs(counted.vienna - expected) < 1e-9
    assert measure(["The dog is in the house."]).vienna is None


def test_nothing_counts_nothing() -> None:
    """Without words there is no score."""
    assert measure([]).words == 0
    assert measure(["1 2 3"]).flesch == 0
