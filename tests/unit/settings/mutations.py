"""Valid files, broken at random the way editors, merges and disks break them; and what every refusal must look like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from nova.core.errors import BadFiles

_SNIPPETS = [
    *(b": ", b" #x", b"#", b"- ", b"-", b'"', b"'", b'"""', b"\t", b"    ", b"[", b"]", b"[[", b"{", b"}", b",", b"="),
    *(b"*a ", b"&a ", b"!!python/object:os.system ", b"<<: ", b"? ", b"| ", b"> ", b"%", b"@", b"`", b"~", b"null"),
    *(b"\x00", b"\x1b[2J", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"\r", b"\r\n"),
    *(b"---\n", b"...\n", b"\n\n", b"-1", b".inf", b"nan", b"1e999", b"1979-13-40", b"yes", b"\\"),
    *(b"9" * 400, b"[" * 300, b"{a: " * 50),
]  # fmt: skip
_JARGON = ("pydantic", "Input should", "validation error", "tag:yaml", "<class", "Traceback", "_type", "NoneType")


def _cut(draw: st.DrawFn, data: bytes) -> bytes:
    start = draw(st.integers(0, len(data)))
    return data[:start] + data[start + draw(st.integers(1, 60)) :]


def _insert(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.sampled_from(_SNIPPETS) | st.binary(min_size=1, max_size=6)) + data[at:]


def _end_early(draw: st.DrawFn, data: bytes) -> bytes:
    return data[: draw(st.integers(0, len(data)))]


def _swap_lines(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.split(b"\n")
    one, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _repeat_line(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.split(b"\n")
    number = draw(st.integers(0, len(lines) - 1))
    return b"\n".join([*lines[:number], lines[number], *lines[number:]])


def _indent_line(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.split(b"\n")
    number = draw(st.integers(0, len(lines) - 1))
    lines[number] = draw(st.sampled_from([b" ", b"  ", b"\t"])) + lines[number]
    return b"\n".join(lines)


_MUTATIONS: Sequence[Callable[[st.DrawFn, bytes], bytes]] = (
    _cut,
    _insert,
    _insert,
    _end_early,
    _swap_lines,
    _repeat_line,
    _indent_line,
)


@st.composite
def mutated(draw: st.DrawFn, originals: Sequence[bytes]) -> bytes:
    """One of the originals after one to three mutations."""
    data = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 3))):
        data = draw(st.sampled_from(_MUTATIONS))(draw, data)
    return data


def assert_located(error: BadFiles, file: str, data: bytes) -> None:
    """Every problem names the file and a line that it has, in sentences without a library's jargon."""
    line_count = len(data.splitlines()) + data.count(b"\xe2\x80\xa8") + 1
    assert error.problems
    for problem in error.problems:
        assert problem.file == file
        assert 1 <= problem.line <= line_count, problem
        assert problem.what.endswith((".", "?")), problem
        assert not any(word in str(problem) for word in _JARGON), problem
