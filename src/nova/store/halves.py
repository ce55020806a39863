"""A column of vectors: float16 bytes on SQLite, pgvector's halfvec on PostgreSQL, and bytes in Python on both.

Knows both forms; refuses to know whose vectors they are. The column has no dimension, for encoders differ in theirs;
who compares vectors asks for those of one encoder.
"""

from __future__ import annotations

import struct
import sys
from array import array

from sqlalchemy import ColumnElement, Dialect, Integer, LargeBinary, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

_HEAD = struct.Struct(">HH")  # how many numbers, and a field that must be 0


class Halves(bytes):
    """A vector as pgvector sends and reads it: a head of four bytes, then the numbers, high byte first."""

    __slots__ = ()

    @staticmethod
    def of(data: bytes) -> Halves:
        """From float16 in this machine's order of bytes."""
        return Halves(_HEAD.pack(len(data) // 2, 0) + _swapped(data))

    def plain(self) -> bytes:
        """Float16 in this machine's order of bytes."""
        return _swapped(self[_HEAD.size :])


def _swapped(data: bytes) -> bytes:
    numbers = array("H", data)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tobytes()


class size_of(FunctionElement[int]):  # noqa: N801 - a function in SQL
    """How many bytes a vector has; null for none."""

    type = Integer()
    inherit_cache = True


@compiles(size_of)
def _size(element: size_of, compiler: SQLCompiler, **_kw: object) -> str:
    return f"length({compiler.process(element.clauses)})"


@compiles(size_of, "postgresql")
def _size_of_halfvec(element: size_of, compiler: SQLCompiler, **_kw: object) -> str:
    return f"2 * vector_dims({compiler.process(element.clauses)})"


class _HalfVec(UserDefinedType[bytes]):
    """The type's name in PostgreSQL."""

    cache_ok = True
    render_bind_cast = True  # `$1::halfvec`: from the cast the server knows how to read what comes

    def get_col_spec(self, **_kw: object) -> str:
        """As CREATE TABLE names it."""
        return "halfvec"


class VectorColumn(TypeDecorator[bytes]):
    """Float16 numbers of unit length in this machine's order of bytes, 2 bytes each; None while there is none."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[bytes]:
        """The type of this dialect."""
        return dialect.type_descriptor(_HalfVec() if dialect.name == "postgresql" else LargeBinary())

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """From Python to the database."""
        return Halves.of(value) if value is not None and dialect.name == "postgresql" else value

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """From the database to Python."""
        return Halves(value).plain() if value is not None and dialect.name == "postgresql" else value

    def column_expression(self, column: ColumnElement[bytes]) -> ColumnElement[bytes]:
        """On PostgreSQL read through halfvec_send: the text of a vector is long, and slow to read."""
        server = isinstance(self.impl_instance, _HalfVec)
        return func.halfvec_send(column, type_=self) if server else column
