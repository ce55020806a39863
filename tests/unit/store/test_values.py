"""Values of steps as they stand in a row: what goes in comes out, nothing is executed, and big ones are files."""

from __future__ import annotations

import json as library
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova.core.errors import StoreError, WrongShape
from nova.store.values import INLINE_BYTES_MAX, VALUE_BYTES_MAX, Blobs, blob_in, decode, encode

NAMES = st.text(max_size=8) | st.sampled_from(["$type", "$blob", "value"])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
    | st.datetimes(timezones=st.just(UTC)) | st.dates() | st.decimals(allow_nan=False, allow_infinity=False)
    | st.uuids() | st.binary(max_size=64)
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4) | st.tuples(inner)
)


@given(VALUES)
def test_what_goes_in_comes_out(value: object) -> None:
    """Each value of the registered types, nested in any way and under any names, survives being written and read."""
    written = library.dumps(encode(value), ensure_ascii=True)
    assert decode(library.loads(written)) == value


def test_types_stay_what_they_were() -> None:
    """Times, dates, money, ids, paths, bytes, tuples and sets come back as such."""
    value: dict[str, object] = {
        "at": datetime(2026, 11, 20, 18, 0, tzinfo=UTC), "day": date(2026, 11, 20), "money": Decimal("12.340"),
        "id": UUID(int=7), "path": PurePosixPath("a/b"), "raw": b"\x00\xff", "pair": (1, (2, 3)),
        "set": frozenset({"a", "b"}),
    }  # fmt: skip
    back = decode(encode(value))
    assert back == value
    assert isinstance(back, dict)
    found = cast("dict[str, object]", back)
    assert {name: type(one) for name, one in found.items()} == {name: type(one) for name, one in value.items()}


@pytest.mark.parametrize("value", [object(), {"a": [object()]}, math.nan, math.inf, [-math.inf], lambda: None, Path])
def test_what_json_cannot_hold_is_refused_by_name(value: object) -> None:
    """A value of a type that nobody registered is refused; it is never pickled."""
    with pytest.raises(WrongShape):
        encode(value)


def test_a_tag_of_a_later_nova_is_said() -> None:
    """A kept value with a tag that this Nova does not know is refused with its name."""
    with pytest.raises(WrongShape, match="quaternion"):
        decode({"$type": "quaternion", "value": 1})


def test_a_big_value_is_a_file_by_its_content(tmp_path: Path) -> None:
    """Over the cap the row holds a reference; the same content is one file, and reading gives it back."""
    blobs = Blobs(tmp_path / "blobs")
    value = {"text": "é" * INLINE_BYTES_MAX}
    first, second = blobs.write(value), blobs.write(value)
    assert first == second
    assert len(first) < 200
    assert blobs.read(first) == value
    assert len([file for file in blobs.folder.rglob("*") if file.is_file()]) == 1
    assert blobs.path(blob_in(first)).is_file()


def test_a_small_value_stands_in_the_row(tmp_path: Path) -> None:
    """Under the cap nothing lies beside the database."""
    blobs = Blobs(tmp_path / "blobs")
    assert blobs.read(blobs.write({"a": [1, "x"]})) == {"a": [1, "x"]}
    assert blob_in(blobs.write("text")) == ""
    assert not blobs.folder.exists()


def test_a_value_over_the_largest_size_is_refused(tmp_path: Path) -> None:
    """More than 16 MB is refused with what to do instead, and nothing is written."""
    blobs = Blobs(tmp_path / "blobs")
    with pytest.raises(WrongShape, match="file"):
        blobs.write("x" * (VALUE_BYTES_MAX + 1))
    assert not blobs.folder.exists()


def test_a_lost_or_changed_file_is_said(tmp_path: Path) -> None:
    """A value whose file is gone, or is not what it was, is an error that says what to do, never another value."""
    blobs = Blobs(tmp_path / "blobs")
    written = blobs.write("x" * (INLINE_BYTES_MAX + 1))
    file = blobs.path(blob_in(written))
    file.write_text("something else", encoding="utf-8")
    with pytest.raises(StoreError, match="changed"):
        blobs.read(written)
    file.unlink()
    with pytest.raises(StoreError, match="not in"):
        blobs.read(written)


def test_a_value_that_looks_like_a_reference_is_none(tmp_path: Path) -> None:
    """An object with the names that Nova uses itself comes back as that object."""
    blobs = Blobs(tmp_path / "blobs")
    values: list[dict[str, object]] = [{"$blob": "0" * 64, "bytes": 3}, {"$type": "dict", "value": {}}]
    for value in values:
        assert blobs.read(blobs.write(value)) == value
