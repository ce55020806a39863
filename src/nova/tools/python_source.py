"""Python source as a syntax tree, one at a time. Nothing of it is ever executed.

CPython 3.11 to 3.12 keep the depth of a tree that is being built in one place for all threads: two trees built side by
side now and then end in a SystemError that has nothing to do with the source. Hence the lock.
"""

from __future__ import annotations

import ast
import threading
import warnings

_ONE_AT_A_TIME = threading.Lock()


def tree_of(text: str) -> ast.Module:
    """The tree of a module. Raises what `ast.parse` does: SyntaxError, ValueError, RecursionError, MemoryError."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # somebody's old escapes are not ours to complain about
        return ast.parse(text)
