"""The file of taught vectors: what was put is there, a torn end costs one record, a bad disk costs nothing."""

from __future__ import annotations

from pathlib import Path

from nova.models.vector_file import VectorFile

FIRST, SECOND = "0" * 31 + "1", "0" * 31 + "2"


def test_it_outlives_the_process(tmp_path: Path) -> None:
    """What one process put, the next one gets."""
    file = tmp_path / "cache" / "vectors"
    VectorFile(file).put(FIRST, b"abc")
    VectorFile(file).put(SECOND, b"defg")
    again = VectorFile(file)
    assert (again.get(FIRST), again.get(SECOND), again.get("0" * 32)) == (b"abc", b"defg", None)


def test_a_torn_record_is_passed_over(tmp_path: Path) -> None:
    """A file cut in the middle of its last record still gives all the others."""
    file = tmp_path / "vectors"
    memory = VectorFile(file)
    memory.put(FIRST, b"abc")
    memory.put(SECOND, b"defg")
    file.write_bytes(file.read_bytes()[:-2])
    again = VectorFile(file)
    assert again.get(FIRST) == b"abc"
    assert again.get(SECOND) is None


def test_a_disk_that_refuses_is_no_error(tmp_path: Path) -> None:
    """Where nothing can be written, the value is kept for this process and that is all."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    memory = VectorFile(blocked / "vectors")
    memory.put(FIRST, b"abc")
    assert memory.get(FIRST) == b"abc"
    assert blocked.read_text(encoding="utf-8") == "in the way"
