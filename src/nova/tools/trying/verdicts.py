"""What the output of a test run says: how many, which broke, which packages were not there. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RAN = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
_FAILED = re.compile(r"^(?:FAILED|OK) \((.*)\)\s*$", re.MULTILINE)
_PAIR = re.compile(r"(failures|errors|skipped|expected failures|unexpected successes)=(\d+)")
_SUMMARY = re.compile(r"^=*\s*((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s", re.MULTILINE)
_COUNTED = re.compile(r"(\d+) (failed|passed|errors?|skipped|xfailed|xpassed)")
_BROKEN = re.compile(r"^(?:FAIL|ERROR): (.+)$|^(?:FAILED|ERROR) (\S+(?:::| - |$).*)$", re.MULTILINE)
_MISSING = re.compile(r"No module named '?([A-Za-z_]\w*)")
BROKEN_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted. count: tests that ran, without skipped ones; broken: names of those that failed, in order.

    missing: packages that could not be imported, each once.
    """

    count: int
    failed: int
    errors: int
    broken: tuple[str, ...]
    missing: tuple[str, ...]


def counted(output: str) -> Counted:
    """Read the output of `manage.py test`, unittest or pytest; zeros where it says nothing."""
    count, failed, errors = _pytest(output) or _unittest(output)
    broken = [(first or second).strip() for first, second in _BROKEN.findall(output)]
    return Counted(
        count=count, failed=failed, errors=errors, broken=tuple(dict.fromkeys(broken))[:BROKEN_MAX],
        missing=tuple(dict.fromkeys(_MISSING.findall(output))),
    )  # fmt: skip


def _unittest(output: str) -> tuple[int, int, int]:
    ran = _RAN.findall(output)
    if not ran:
        return 0, 0, 0
    told = _FAILED.findall(output)
    parts = {name: int(number) for name, number in _PAIR.findall(told[-1])} if told else {}
    failed = parts.get("failures", 0) + parts.get("unexpected successes", 0)
    return max(0, int(ran[-1]) - parts.get("skipped", 0)), failed, parts.get("errors", 0)


def _pytest(output: str) -> tuple[int, int, int] | None:
    found = _SUMMARY.findall(output)
    if not found:
        return None
    parts: dict[str, int] = {}
    for number, name in _COUNTED.findall(found[-1]):
        parts[name.rstrip("s")] = parts.get(name.rstrip("s"), 0) + int(number)
    ran = sum(number for name, number in parts.items() if name not in ("skipped", "error"))
    return ran + parts.get("error", 0), parts.get("failed", 0), parts.get("error", 0)
