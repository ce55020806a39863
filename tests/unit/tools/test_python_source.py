"""Syntax trees built by several threads at once: each is whole, whatever the garbage collector does in between."""

from __future__ import annotations

import gc
import threading
import time

import pytest

from nova.tools.python_source import tree_of

TEXT = f"x = [{', '.join('f(a, b[1], c.d)' for _ in range(400))}]\n"


class _Slow:
    """A circle of garbage that lets another thread go on while it is collected."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        time.sleep(0.0001)


def test_trees_built_side_by_side_do_not_disturb_each_other() -> None:
    """Three threads parse while the collector hands over between them; none fails for a reason of the interpreter's."""
    wrong: list[BaseException] = []

    def work() -> None:
        for _ in range(20):
            for _ in range(3):
                _Slow()
            try:
                tree_of(TEXT)
            except BaseException as problem:
                wrong.append(problem)

    before = gc.get_threshold()
    gc.set_threshold(200)
    try:
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    finally:
        gc.set_threshold(*before)
    assert wrong == []


def test_what_is_no_python_is_said_as_python_says_it() -> None:
    """A text that is no Python raises what the parser raises."""
    with pytest.raises(SyntaxError):
        tree_of("def (:\n")
    with pytest.raises((ValueError, SyntaxError)):
        tree_of("x = '\0'\n")
