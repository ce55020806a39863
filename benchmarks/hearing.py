"""How well the rules hear what is to be kept: precision and recall by kind, and how many fields are right.

`python -m benchmarks.hearing [--set dev|sealed|wider|wider-sealed|requests] [--json]`. The messages lie in
tests/fixtures/hearing: two sets of single statements, and one of chatty messages, every second of them sealed;
beside them, every example of the catalogue's agents but memory-keeper is a request that must leave nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import yaml

from nova.core.notes import Note, folded
from nova.memory.hearing.hear import heard
from nova.memory.hearing.said import Heard, Said

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "fixtures" / "hearing"
AT = datetime(2026, 11, 20, 14, tzinfo=UTC)  # a Friday; the messages were written for it
SETS = ("dev", "sealed", "wider", "wider-sealed", "requests")
Wanted = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One message and what must come of it. refused: a secret is in it that was meant to be kept."""

    said: Said
    wanted: tuple[Wanted, ...]
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One line of the table. fields: of those that a message's author wrote down, how many are equal."""

    kind: str
    wanted: int
    proposed: int
    right: int
    fields: int
    fields_right: int

    @property
    def precision(self) -> float:
        """Of what is proposed, how much was wanted; 1 when nothing is proposed."""
        return self.right / self.proposed if self.proposed else 1.0

    @property
    def recall(self) -> float:
        """Of what was wanted, how much is proposed; 1 when nothing was wanted."""
        return self.right / self.wanted if self.wanted else 1.0


def rows(name: str) -> list[Row]:
    """The messages of one set: `dev`, `sealed`, and the two halves of `wider`."""
    file, _, half = name.partition("-")
    loaded = cast("list[dict[str, object]]", yaml.safe_load((FOLDER / f"{file}.yaml").read_text(encoding="utf-8")))
    every = [_row(at, one) for at, one in enumerate(loaded)]
    return every[bool(half) :: 2] if file == "wider" else every


def _row(at: int, one: dict[str, object]) -> Row:
    said = Said(
        text=str(one["says"]), at=AT, run=f"r{at}", scope="home", speaker=str(one.get("speaker", "owner")),
        trusted=bool(one.get("trusted", True)), recalled=tuple(cast("list[str]", one.get("recalled", []))),
        before=str(one.get("before", "")),
    )  # fmt: skip
    return Row(said=said, wanted=tuple(cast("list[Wanted]", one["notes"])), refused=bool(one.get("refused", False)))


def requests() -> list[Row]:
    """Every example of the agents in the catalogue but memory-keeper: none of them is to leave a note."""
    texts: list[str] = []
    for file in sorted((ROOT / "catalog" / "agents").glob("*.md")):
        front = cast("dict[str, dict[str, object]]", yaml.safe_load(file.read_text(encoding="utf-8").split("---")[1]))
        texts += [] if file.stem == "memory-keeper" else cast("list[str]", front["nova"]["examples"])
    return [
        Row(said=Said(text=text, at=AT, run=f"q{at}", scope="home"), wanted=(), refused=False)
        for at, text in enumerate(texts)
    ]


def wrong_fields(note: Note, wanted: Wanted) -> Iterator[str]:
    """What of a note is not as it was written down, field by field."""
    for field, value in wanted.items():
        seen = _seen(note, field)
        same = (
            value == seen if not isinstance(value, str) or not isinstance(seen, str) else folded(value) == folded(seen)
        )
        if field == "quote":
            same = str(value) in str(seen)
        if not same:
            yield f"{field}: {seen!r}, not {value!r}"


def _seen(note: Note, field: str) -> object:
    match field:
        case "key":
            return [note.subject, note.attribute, note.value]
        case "until":
            return note.valid_to.date() if note.valid_to else None
        case "since":
            return note.valid_from.date()
        case "quote":
            return note.sources[0].quote
        case "alternatives":
            return list(note.alternatives)
        case "text":
            return note.text
        case "why":
            return note.why
        case "by":
            return note.by
        case "waits_for":
            return note.waits_for
        case "status":
            return note.status.value
        case "kind":
            return note.kind.value
        case _:
            raise ValueError(f"no such field of a note: {field}")


def judge(row: Row, made: Heard) -> tuple[list[tuple[Note, Wanted]], list[Wanted], list[Note]]:
    """Pairs each wanted note with a proposed one of its kind, the best first; what was missed; what was too much."""
    left, pairs, missed = list(made.notes), list[tuple[Note, Wanted]](), list[Wanted]()
    for wanted in row.wanted:
        same = [note for note in left if note.kind.value == wanted["kind"]]
        if not same:
            missed.append(wanted)
            continue
        best = min(same, key=lambda note, wanted=wanted: len(list(wrong_fields(note, wanted))))
        left.remove(best)
        pairs.append((best, wanted))
    return pairs, missed, left


def measure(given: Sequence[Row]) -> tuple[list[Kind], list[str]]:
    """The table, and one line for every mistake."""
    wanted, proposed, right, fields, fields_right = (Counter[str]() for _ in range(5))
    mistakes: list[str] = []
    for row in given:
        made = heard(row.said)
        pairs, missed, extra = judge(row, made)
        wanted.update(str(one["kind"]) for one in row.wanted)
        proposed.update(note.kind.value for note in made.notes)
        for note, one in pairs:
            right[note.kind.value] += 1
            wrong = list(wrong_fields(note, one))
            fields[note.kind.value] += len(one) - 1
            fields_right[note.kind.value] += len(one) - 1 - len(wrong)
            mistakes += [f"field   {row.said.text!r}: {one}" for one in wrong]
        mistakes += [f"missed  {row.said.text!r}: {one['kind']}" for one in missed]
        mistakes += [f"extra   {row.said.text!r}: {note.kind.value} {note.text!r}" for note in extra]
        wanted["refused"] += row.refused
        proposed["refused"] += bool(made.refused)
        right["refused"] += row.refused and bool(made.refused)
        if row.refused != bool(made.refused):
            mistakes.append(f"refused {row.said.text!r}: {bool(made.refused)}")
    kinds = sorted({*wanted, *proposed})
    counts = (wanted, proposed, right, fields, fields_right)
    table = [_kind(kind, *(count[kind] for count in counts)) for kind in kinds if wanted[kind] or proposed[kind]]
    notes = [kind for kind in kinds if kind != "refused"]
    return [*table, _kind("all notes", *(sum(count[kind] for kind in notes) for count in counts))], mistakes


def _kind(kind: str, wanted: int, proposed: int, right: int, fields: int, fields_right: int) -> Kind:
    return Kind(kind=kind, wanted=wanted, proposed=proposed, right=right, fields=fields, fields_right=fields_right)


def silence(given: Sequence[Row]) -> tuple[int, int]:
    """Of the messages that must leave nothing, how many there are and how many leave something."""
    quiet = [row for row in given if not row.wanted]
    return len(quiet), sum(bool(heard(row.said).notes) for row in quiet)


def main(arguments: Sequence[str]) -> int:
    """Prints the table of each set, or JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.hearing", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--set", choices=(*SETS, "all"), default="all")
    parser.add_argument("--mistakes", action="store_true", help="one line for every mistake")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    names = SETS if asked.set == "all" else (str(asked.set),)
    result: dict[str, object] = {}
    for name in names:
        given = requests() if name == "requests" else rows(name)
        began = time.process_time()
        table, mistakes = measure(given)
        each_ms = (time.process_time() - began) * 1000 / len(given)
        quiet, loud = silence(given)
        result[name] = {
            "messages": len(given), "silent": quiet, "not_silent": loud, "cpu_ms": round(each_ms, 3),
            "kinds": [{**asdict(one), "precision": one.precision, "recall": one.recall} for one in table],
        }  # fmt: skip
        if not asked.json:
            sys.stdout.write(_written(name, len(given), quiet, loud, each_ms, table))
            sys.stdout.writelines(f"  {line}\n" for line in mistakes if asked.mistakes)
    if asked.json:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0


def _written(name: str, count: int, quiet: int, loud: int, each_ms: float, table: Sequence[Kind]) -> str:
    head = (
        f"{name}: {count} messages, {loud} of {quiet} that must leave nothing leave something; {each_ms:.2f} ms each\n"
    )
    lines = [f"  {'kind':<12}{'wanted':>8}{'proposed':>10}{'precision':>11}{'recall':>8}{'fields right':>14}\n"]
    for one in table:
        fields = f"{one.fields_right}/{one.fields}"
        lines.append(
            f"  {one.kind:<12}{one.wanted:>8}{one.proposed:>10}{one.precision:>11.3f}{one.recall:>8.3f}{fields:>14}\n"
        )
    return head + "".join(lines)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
