"""What a class declares in Django's eyes: bases, fields, Meta options. One class at a time, source only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from nova.tools.django_source.modules import Sources, assigned, statements
from nova.tools.django_source.names import Class, Meaning, Outside, Value, meaning, member, members, name, text_of

_DEPTH_MAX = 40
_MODEL_ROOTS = frozenset(
    {"django.db.models.Model", "django.db.models.base.Model", "django.contrib.gis.db.models.Model"}
)
_FIELD_MODULES = (
    "django.db.models.",
    "django.contrib.postgres.",
    "django.contrib.contenttypes.",
    "django.contrib.gis.db.",
)
_FIELD_NAMES = frozenset({"ForeignKey", "GenericForeignKey", "GenericRelation", "CompositePrimaryKey", "ForeignObject"})
_NOT_MODEL_FIELDS = (
    "forms",
    "serializers",
    "filters",
    "graphene",
    "ninja",
    "factory",
    "wtforms",
    "marshmallow",
    "schema",
)
RELATIONS = ("ForeignKey", "OneToOneField", "ManyToManyField")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Declared:
    """A field where it is written. root: the Django field it is built on; forced: what its class sets.

    call: None for a field that Django adds by itself.
    """

    name: str
    kind: str
    root: str
    owner: Class
    line: int
    call: ast.Call | None = None
    target: Class | None = None
    forced: dict[str, ast.expr] = field(default_factory=dict[str, ast.expr])

    def option(self, key: str) -> ast.expr | None:
        """The expression of a keyword argument, or what the field's class sets for it."""
        given = {keyword.arg: keyword.value for keyword in self.call.keywords} if self.call else {}
        return given.get(key, self.forced.get(key))


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a Meta class, and the class in which it is written."""

    expression: ast.expr
    owner: Class


@dataclass(slots=True)
class Reading:
    """The questions one asks about classes, answered once each. auth_user: label of the user model."""

    sources: Sources
    auth_user: str
    by_label: dict[str, Class] = field(default_factory=dict[str, Class])
    _lineages: dict[Class, list[Class]] = field(default_factory=dict[Class, list[Class]])
    _roots: dict[Class, frozenset[str]] = field(default_factory=dict[Class, frozenset[str]])

    def class_of(self, module: Class, expression: ast.expr) -> Class | None:
        """The class that an expression in a class's head or body means, loaded ones (`get_model`) included."""
        found = meaning(self.sources, module.module, expression, module)
        if isinstance(found, Value) and isinstance(found.expression, ast.Call):
            return self._loaded(found, found.expression)
        return found if isinstance(found, Class) else None

    def _loaded(self, at: Value, call: ast.Call) -> Class | None:
        if (label := loaded_label(self.sources, at, call, self.auth_user)) is not None:
            return self.by_label.get(label.casefold())
        texts = [text_of(self.sources, at.module, argument) for argument in call.args]
        if called(call) == "get_class" and len(texts) >= 2 and texts[0] and texts[1]:
            module = self.sources.module(texts[0], at.module.name)
            found = name(self.sources, module, texts[1]) if module else None
            return found if isinstance(found, Class) else None
        return None

    def bases(self, cls: Class) -> Iterator[Class | Outside]:
        """The direct bases; those that cannot be followed are Outside."""
        for base in cls.node.bases:
            expressions = base.args[1:] if isinstance(base, ast.Call) and called(base) == "with_metaclass" else [base]
            for expression in expressions:
                found: Meaning | None = meaning(self.sources, cls.module, expression)
                if isinstance(found, Value):
                    found = self.class_of(cls, expression) or Outside(ast.unparse(expression)[:100])
                if found != cls:
                    yield found

    def lineage(self, cls: Class, depth: int = _DEPTH_MAX) -> list[Class]:
        """The class and its ancestors with source, in Python's method resolution order."""
        if cls not in self._lineages:
            parents = [base for base in self.bases(cls) if isinstance(base, Class)] if depth else []
            chains = [list(self.lineage(parent, depth - 1)) for parent in parents]
            self._lineages[cls] = [cls, *_merged([*chains, parents])]
        return self._lineages[cls]

    def roots(self, cls: Class) -> frozenset[str]:
        """The dotted names, outside the source at hand, that the class is built on."""
        if cls not in self._roots:
            outside = (
                base.dotted for one in self.lineage(cls) for base in self.bases(one) if isinstance(base, Outside)
            )
            self._roots[cls] = frozenset(outside)
        return self._roots[cls]

    def is_model(self, cls: Class) -> bool:
        """Whether it is a Django model: it leads to models.Model, or has model fields and a base without source."""
        roots = self.roots(cls)
        if roots & _MODEL_ROOTS:
            return True
        unread = [root for root in roots if not root.startswith("?") and "." in root and not _python_own(root)]
        return bool(unread) and any(True for _ in self.certain_fields(cls))

    def certain_fields(self, cls: Class) -> Iterator[Declared]:
        """Own fields whose class is surely one of Django's model fields."""
        for one in self.declared(cls):
            found = meaning(self.sources, cls.module, one.call.func) if one.call else None
            if isinstance(found, Outside) and found.dotted.startswith("django."):
                yield one

    def declared(self, cls: Class) -> Iterator[Declared]:
        """The fields written in the class's own body."""
        for bound, statement, binding in members(cls.node):
            if isinstance(binding, ast.Call) and (kind := self.field_kind(cls, binding)) is not None:
                yield Declared(
                    name=bound,
                    kind=kind[0],
                    root=kind[1],
                    owner=cls,
                    line=statement.lineno,
                    call=binding,
                    forced=kind[2],
                )

    def field_kind(self, cls: Class, call: ast.Call) -> tuple[str, str, dict[str, ast.expr]] | None:
        """(name of the field's class, Django's field below it, options that the class sets), None for no field."""
        found = meaning(self.sources, cls.module, call.func, cls)
        if isinstance(found, Outside):
            root = outside_field(found.dotted)
            return (found.dotted.rpartition(".")[2], root, {}) if root else None
        if isinstance(found, Class) and not self.roots(found) & _MODEL_ROOTS:
            hits = [root for dotted in sorted(self.roots(found)) if (root := outside_field(dotted))]
            return (found.node.name, hits[0], self._forced(found)) if hits else None
        return None

    def _forced(self, field_class: Class) -> dict[str, ast.expr]:
        """`kwargs["null"] = True` and `kwargs.setdefault("blank", True)` in the __init__ of a field class."""
        forced: dict[str, ast.expr] = {}
        for ancestor in reversed(self.lineage(field_class)):
            for bound, statement, _ in members(ancestor.node):
                if bound == "__init__" and isinstance(statement, ast.FunctionDef):
                    forced.update(_kwargs_set(statement))
        return forced

    def meta(self, cls: Class, depth: int = _DEPTH_MAX) -> dict[str, Option]:
        """The Meta options in force, inherited ones included; `abstract` is never inherited."""
        own = member(cls, "Meta")
        if isinstance(own, ast.ClassDef) and depth:
            inherited: dict[str, Option] = {}
            for base in reversed(own.bases):
                inherited.update(self._meta_of_base(cls, base, depth - 1))
            written = {key: Option(value, cls) for s, _, _ in statements(own.body) for key, value in assigned(s)}
            return inherited | written
        for ancestor in self.lineage(cls)[1:]:
            if isinstance(member(ancestor, "Meta"), ast.ClassDef) and depth and self.abstract(ancestor):
                return _without(self.meta(ancestor, depth - 1))
        return {}

    def _meta_of_base(self, cls: Class, base: ast.expr, depth: int) -> dict[str, Option]:
        if isinstance(base, ast.Attribute) and base.attr == "Meta":
            owner = self.class_of(cls, base.value)
            return _without(self.meta(owner, depth)) if owner is not None and owner != cls else {}
        found = self.class_of(cls, base)
        if found is None:
            return {}
        return {key: Option(value, found) for s, _, _ in statements(found.node.body) for key, value in assigned(s)}

    def abstract(self, cls: Class) -> bool:
        """Whether the class's own Meta says abstract = True."""
        return self._flag(cls, "abstract")

    def proxy(self, cls: Class) -> bool:
        """Whether the class's own Meta says proxy = True."""
        return self._flag(cls, "proxy")

    def _flag(self, cls: Class, wanted: str) -> bool:
        own = member(cls, "Meta")
        if not isinstance(own, ast.ClassDef):
            return False
        written = {key: value for s, _, _ in statements(own.body) for key, value in assigned(s)}
        return isinstance(value := written.get(wanted), ast.Constant) and value.value is True


def outside_field(dotted: str) -> str:
    """The Django field that a dotted name stands for, or an empty text when it is none."""
    last = dotted.rpartition(".")[2]
    if dotted.startswith(_FIELD_MODULES):
        return last if last.endswith("Field") or last in _FIELD_NAMES else ""
    if dotted.startswith("django.") or any(part in dotted.casefold() for part in _NOT_MODEL_FIELDS):
        return ""
    if last == "TaggableManager":
        return "ManyToManyField"
    known = next((root for root in RELATIONS if last.endswith(root)), "")
    return known or (last if last.endswith("Field") and last[:1].isupper() and "." in dotted else "")


def called(call: ast.Call) -> str:
    """The last name of what is called: `get_model` for `apps.get_model(...)`."""
    return (
        call.func.id
        if isinstance(call.func, ast.Name)
        else call.func.attr
        if isinstance(call.func, ast.Attribute)
        else ""
    )


def loaded_label(sources: Sources, at: Value, call: ast.Call, auth_user: str) -> str | None:
    """`app.Model` for get_model("app", "Model"), get_user_model() and their like."""
    function = called(call)
    if function == "get_user_model":
        return auth_user
    if function in {"get_model", "get_model_name", "load_model"}:
        texts = [text_of(sources, at.module, argument) or "" for argument in call.args[:2]]
        return ".".join(texts) if len(texts) == 2 and all(texts) else next(iter(texts), None) or None
    return None


def _python_own(dotted: str) -> bool:
    return dotted.split(".")[0] in {"abc", "typing", "enum", "object", "dataclasses", "collections"}


def _without(options: dict[str, Option]) -> dict[str, Option]:
    return {key: option for key, option in options.items() if key not in {"abstract", "proxy"}}


def _kwargs_set(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    name = function.args.kwarg.arg if function.args.kwarg else "kwargs"
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if (
                    isinstance(target, ast.Subscript)
                    and _is(target.value, name)
                    and isinstance(target.slice, ast.Constant)
                ):
                    yield str(target.slice.value), node.value
        elif isinstance(node, ast.Call) and called(node) == "setdefault" and len(node.args) == 2:
            key = node.args[0]
            if isinstance(node.func, ast.Attribute) and _is(node.func.value, name) and isinstance(key, ast.Constant):
                yield str(key.value), node.args[1]


def _is(expression: ast.expr, name: str) -> bool:
    return isinstance(expression, ast.Name) and expression.id == name


def _merged(chains: list[list[Class]]) -> list[Class]:
    """C3 linearisation; where Python would refuse, the order of first appearance."""
    merged: list[Class] = []
    left = [chain for chain in chains if chain]
    while left:
        heads = [chain[0] for chain in left]
        free = next((head for head in heads if not any(head in chain[1:] for chain in left)), heads[0])
        merged.append(free)
        left = [rest for chain in left if (rest := [one for one in chain if one != free])]
    return merged
