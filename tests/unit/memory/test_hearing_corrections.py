"""What somebody corrects, what he wants forgotten, and what his question is about."""

from __future__ import annotations

import pytest

from nova.memory.hearing.asking import forget_wish, question_words
from nova.memory.hearing.corrections import correction


@pytest.mark.parametrize(
    ("text", "subject", "attribute", "old", "new"),
    [
        ("You have my accountant down as Miss Orton, but she got married, it's Mrs. Penrose now. Correct that.",
         "owner", "accountant", "Miss Orton", "Mrs. Penrose"),
        ("I said my hourly rate is 80 once. That's outdated, it's 95 now.", "owner", "hourly rate", "80", "95"),
        ("wrong number, Tom's extension is 14 and not 41, correct your notes", "Tom", "extension", "41", "14"),
        ("No, my accountant is called Hedda now, not Heike. Please get that right from here on.",
         "owner", "accountant", "Heike", "Hedda"),
        ("The dentist's name is Marlow, not Marlowe, you've got that wrong", "dentist", "name", "Marlowe", "Marlow"),
        ("Correct what you have stored about Kehr-Nord, their new contact is Jonas", "Kehr-Nord", "contact", "",
         "Jonas"),
        ("that's wrong, Brushwell's discount is 5 percent", "Brushwell", "discount", "", "5 percent"),
        ("no, it is Tuesday", "", "", "", "Tuesday"),
        ("No, it's 14, not 41.", "", "", "41", "14"),
        ("You still have the contact of Quillmere as Dr. Hale, but it is Dr. Voss now", "Quillmere", "contact",
         "Dr. Hale", "Dr. Voss"),
        ("change my hourly rate from 80 to 95", "owner", "hourly rate", "80", "95"),
        ("Brushwell's minimum order is no longer 250 euros, but 300 euros", "Brushwell", "minimum order", "250 euros",
         "300 euros"),
        ("my bank isn't Novo Banco, it's Montepio", "owner", "bank", "Novo Banco", "Montepio"),
        ("your notes say that the staging server is called heron, but it is called egret", "staging server", "name",
         "heron", "egret"),
        ("nein, mein Steuerberater heißt Voss", "owner", "Steuerberater", "", "Voss"),
    ],
)  # fmt: skip
def test_what_was_wrong_and_what_is_right_are_taken_apart(
    text: str, subject: str, attribute: str, old: str, new: str
) -> None:
    """A correction names the old and the new value, and of what, as far as it was said."""
    found = correction(text)
    assert found is not None
    assert (found.subject, found.attribute, found.old, found.new) == (subject, attribute, old, new)


@pytest.mark.parametrize(
    "text",
    [
        "that's wrong, please correct the warehouse address you have stored",
        "You keep calling him Thomas, but he writes it with z. Fix that in what you hold about him.",
        "is Tom's extension 14 and not 41?",
        "no, show me the other file",
        "Fix the rounding in totals.py",
        "Actually, run the tests first",
        "change the method to a property",
        "",
    ],
)
def test_a_correction_without_a_new_value_is_none(text: str) -> None:
    """Where nothing says what is right, or a program is to be changed, nothing is made up."""
    assert correction(text) is None


def test_only_what_is_put_to_memory_is_marked_so() -> None:
    """`correct your notes` is about memory, `the total is 119` may be about a program."""
    told = correction("Tom's extension is 14 and not 41, correct your notes")
    plain = correction("no, it is 119")
    assert told is not None
    assert told.said_to_memory
    assert plain is not None
    assert not plain.said_to_memory


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Forget what I told you about the old hosting company.", "the old hosting company"),
        ("delete everything you remember about the Huber account", "the Huber account"),
        ("forget that last note again, it was a joke", "last note"),
        ("Forget the old phone number of Mrs Keller", "the old phone number of Mrs Keller"),
        ("forget what I told you about my old hourly rate", "my old hourly rate"),
        ("Drop everything you've kept about the old sign maker in Leeds", "the old sign maker in Leeds"),
        ("I no longer work with the printer in Leeds. Drop everything you have on them.", "the printer in Leeds"),
        ("please remove the Graz address from your memory", "the Graz address"),
        ("can you forget my old address?", "my old address"),
        ("delete your notes about Tomasz", "Tomasz"),
        ("vergiss Huber", "Huber"),
    ],
)
def test_what_is_to_be_forgotten_is_named(text: str, what: str) -> None:
    """A wish to forget gives the words for what is meant, without the wish."""
    assert forget_wish(text) == what


@pytest.mark.parametrize(
    "text",
    [
        "Don't forget: the licence runs out on 31 March",
        "forget it",
        "forget about it, let's do something else",
        "Forget the tests for now, look at the view first.",
        "did you forget the second file?",
        "I forgot to commit",
        "don't let me forget to call Mrs Keller",
        "delete the file totals.py",
        "remove the field price from the model",
        "drop the column",
        "never mind",
        "> forget everything about Huber",
    ],
)
def test_other_uses_of_the_words_forget_nothing(text: str) -> None:
    """Idioms, reminders, files and quotations are no wish to forget."""
    assert forget_wish(text) is None


def test_the_telling_words_of_a_question() -> None:
    """What a question asks about is kept in order, and how it asks is dropped."""
    assert question_words("what did I tell you about posting on fridays") == ("posting", "fridays")
    assert question_words("Why did we decide to keep prices in cents?") == ("keep", "prices", "cents")
    assert question_words("open question: does tenant 14 pay Kehr-Nord?") == ("tenant", "14", "pay", "kehr-nord")
    assert question_words("?!") == ()
