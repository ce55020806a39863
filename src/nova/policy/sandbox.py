"""Runs a command in a place where it can harm nothing: see `bubblewrap` for what is held. Never runs one without it.

Knows how to start, drain and end it; refuses to know what the command is for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nova.core.errors import NotReady, ToolFailed
from nova.policy.bubblewrap import Limits, line
from nova.policy.sandbox_ready import Ready
from nova.policy.sandbox_ready import ready as tried

SECONDS_MAX = 300.0
OUTPUT_BYTES_MAX = 200_000
_END_SECONDS = 2.0
_CHUNK = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended. code: its exit code, negative for a signal. output: both streams as text, in order.

    cut: there was more output; its beginning and its end were kept. killed: time ran out and all of it was ended.
    """

    code: int
    output: str
    seconds: float
    cut: bool
    killed: bool


async def ready() -> Ready:
    """Whether the sandbox can be used here; the first good answer is remembered for this process."""
    return await asyncio.to_thread(tried)


async def run(
    command: Sequence[str],
    *,
    folder: Path,
    seconds_max: float = SECONDS_MAX,
    output_bytes_max: int = OUTPUT_BYTES_MAX,
    env: Mapping[str, str] | None = None,
    readable: Sequence[Path] = (),
    limits: Limits | None = None,
) -> Ran:
    """Run a command with `folder` as `/project`, the only place outside that it can write.

    readable: more places, shown under their own paths. env: all that its environment holds, beside PATH, HOME, TMPDIR
    and LANG. Cancelled, or after `seconds_max`, everything inside is killed. Raises NotReady where the sandbox does
    not hold, ToolFailed where the folder is gone.
    """
    given = partial(_words, command, folder, env or {}, readable, limits or Limits())
    words = await asyncio.to_thread(given)
    return await _ran(words, seconds_max, output_bytes_max)


def _words(
    command: Sequence[str], folder: Path, env: Mapping[str, str], readable: Sequence[Path], limits: Limits
) -> list[str]:
    stands = tried()
    if stands.bwrap is None or stands.limiter is None:
        raise NotReady(f"{stands.what} Nothing was executed.", stands.mend)
    if not folder.is_dir():
        raise ToolFailed(f"The folder {folder} is gone, so nothing was executed in it.", "Make it again.")
    return line(
        stands.bwrap, command, folder=folder, readable=readable, env=env, limits=limits, limiter=stands.limiter
    )  # fmt: skip


async def _ran(words: Sequence[str], seconds_max: float, output_bytes_max: int) -> Ran:
    started = time.monotonic()
    kept = _Kept(output_bytes_max)
    killed = False
    process = await asyncio.create_subprocess_exec(
        *words, cwd="/", env={}, start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds_max):
            await _drain(process, kept)
            await process.wait()
    except TimeoutError:
        killed = True
    finally:
        await _end(process)
    seconds = round(time.monotonic() - started, 3)
    code = process.returncode if process.returncode is not None else -signal.SIGKILL
    return Ran(code=_signalled(code), output=kept.text(), seconds=seconds, cut=kept.over, killed=killed)


async def _drain(process: Process, kept: _Kept) -> None:
    assert process.stdout is not None
    while chunk := await process.stdout.read(_CHUNK):
        kept.add(chunk)


async def _end(process: Process) -> None:
    """Kill what is left. bubblewrap dies with its group, and all processes inside with bubblewrap."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await process.wait()


def _signalled(code: int) -> int:
    """bubblewrap says 128 + N for a command that the signal N ended."""
    return 128 - code if 128 < code < 128 + 65 else code


class _Kept:
    """The beginning and the end of what is printed, in bounded memory."""

    def __init__(self, bytes_max: int) -> None:
        self._head_max = bytes_max // 4
        self._tail_max = bytes_max - self._head_max
        self._head = bytearray()
        self._tail = bytearray()
        self.over = False

    def add(self, chunk: bytes) -> None:
        """Keep it, and drop from the middle what is too much."""
        room = self._head_max - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > self._tail_max:
            del self._tail[: len(self._tail) - self._tail_max]
            self.over = True

    def text(self) -> str:
        """What was kept, with a mark where something was left out."""
        head, tail = self._head.decode("utf-8", "replace"), self._tail.decode("utf-8", "replace")
        return (
            f"{head}\n… the middle was cut …\n{tail}"
            if self.over
            else (self._head + self._tail).decode("utf-8", "replace")
        )
