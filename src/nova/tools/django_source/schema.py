"""A project's models as values, put together as Django would. Knows inheritance; refuses to know how it is shown."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from nova.tools.django_source.apps import Apps, apps_of, setting
from nova.tools.django_source.declared import RELATIONS, Declared, Option, Reading, called, loaded_label
from nova.tools.django_source.modules import Sources, sources
from nova.tools.django_source.names import Class, Value, meaning, members, text_of
from nova.tools.spec import Reach

_NOT_THE_SCHEMA = frozenset({"migrations", "test", "tests", "testing"})  # old states, and models made for tests alone
_READ = ("django.", "abc.", "typing.")
_TEST_FILES = ("test_", "tests", "conftest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of one model. target: `app.Model` of a relation; automatic: added by Django, written nowhere."""

    declared: Declared
    target: str = ""
    through: str = ""
    inherited: bool = False
    automatic: bool = False

    @property
    def name(self) -> str:
        """Its name on the model."""
        return self.declared.name

    @property
    def relation(self) -> bool:
        """Whether it points at another model."""
        return self.declared.root in RELATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model. parents: labels of concrete models it extends by a table of its own; bases: names as written."""

    cls: Class
    app: str
    abstract: bool
    proxy: bool
    fields: tuple[Field, ...]
    meta: Mapping[str, Option]
    parents: tuple[str, ...]
    bases: tuple[str, ...]
    managers: tuple[tuple[str, str, int, Class], ...]
    unread: tuple[str, ...]

    @property
    def name(self) -> str:
        """The class's name."""
        return self.cls.node.name

    @property
    def label(self) -> str:
        """`app.Model`."""
        return f"{self.app}.{self.name}"

    @property
    def path(self) -> str:
        """Its file below the root."""
        return self.cls.module.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """All models of a project by label, abstract bases included, and what was needed to read them."""

    models: Mapping[str, Model]
    reading: Reading

    def concrete(self) -> list[Model]:
        """The models that are no abstract bases, by label."""
        return sorted((model for model in self.models.values() if not model.abstract), key=lambda model: model.label)


def schema(reach: Reach) -> Schema:
    """The models of the project below `reach.root`; read again when a Python file has changed."""
    found = sources(reach)
    stamps: list[tuple[str, int]] = []
    for path in sorted(found.own.values()):
        try:
            stamps.append((path, (reach.root / path).stat().st_mtime_ns))
        except OSError:  # gone since it was listed
            continue
    return _schema(_Key(found), str(reach.root), tuple(stamps))


class _Key:
    """Carries the sources past the cache's key: two readings of the same files are the same."""

    def __init__(self, found: Sources) -> None:
        self.sources = found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=4)
def _schema(key: _Key, root: str, stamps: tuple[tuple[str, int], ...]) -> Schema:
    del root, stamps  # they are what the cache goes by
    return build(key.sources)


def build(found: Sources) -> Schema:
    """Read every module of the project and put its models together."""
    modules = [module for name in found.own if _may_define(found.own[name]) and (module := found.module(name))]
    reading = Reading(found, setting(found, modules, "AUTH_USER_MODEL") or "auth.User")
    apps = apps_of(found, modules)
    classes = [
        Class(module, node) for module in modules for node in module.names.values() if isinstance(node, ast.ClassDef)
    ]
    for cls in classes:  # first by place alone, so that get_model("app", "Model") finds its class while bases are read
        reading.by_label.setdefault(f"{apps.label(cls.module)}.{cls.node.name}".casefold(), cls)
    models: dict[str, Model] = {}
    builder = _Builder(reading, apps)
    for cls in classes:
        if reading.is_model(cls) and builder.label(cls) not in models:
            models[builder.label(cls)] = builder.model(cls)
            reading.by_label[builder.label(cls).casefold()] = cls
    return Schema(models=models, reading=reading)


def _may_define(path: str) -> bool:
    *folders, name = PurePosixPath(path).parts
    return not _NOT_THE_SCHEMA.intersection(folders) and not name.startswith(_TEST_FILES)


@dataclass(frozen=True, slots=True)
class _Builder:
    reading: Reading
    apps: Apps

    def app(self, cls: Class) -> str:
        option = self.reading.meta(cls).get("app_label")
        written = text_of(self.reading.sources, option.owner.module, option.expression) if option else None
        return written or self.apps.label(cls.module)

    def label(self, cls: Class) -> str:
        return f"{self.app(cls)}.{cls.node.name}"

    def model(self, cls: Class) -> Model:
        reading = self.reading
        abstract, proxy = reading.abstract(cls), reading.proxy(cls)
        declared = self.fields(cls)
        own = [self._field(one, cls) for one in declared]
        if not abstract and not proxy:
            own = [*self._implicit(cls, declared), *own]
        return Model(
            cls=cls, app=self.app(cls), abstract=abstract, proxy=proxy, fields=tuple(own), meta=reading.meta(cls),
            parents=tuple(self.label(parent) for parent in self.concrete_parents(cls)),
            bases=tuple(ast.unparse(base) for base in cls.node.bases),
            managers=tuple(self._managers(cls)),
            unread=tuple(sorted(root for root in reading.roots(cls) if "." in root and not root.startswith(_READ))),
        )  # fmt: skip

    def concrete_parents(self, cls: Class) -> list[Class]:
        """The nearest concrete models that this one extends; a proxy stands for the model it is a proxy of."""
        parents: dict[Class, None] = {}
        for base in self.reading.bases(cls):
            if isinstance(base, Class) and self.reading.is_model(base):
                if self.reading.abstract(base) or self.reading.proxy(base):
                    parents.update(dict.fromkeys(self.concrete_parents(base)))
                else:
                    parents[base] = None
        return list(parents)

    def fields(self, cls: Class) -> list[Declared]:
        """All fields as Django's metaclass collects them: own ones, then from each base in resolution order."""
        reading = self.reading
        own = {one.name: one for one in reading.declared(cls)}
        taken = {name for name, _, _ in members(cls.node)}
        inherited: dict[str, Declared] = {}
        parents = [base for base in reading.bases(cls) if isinstance(base, Class) and reading.is_model(base)]
        for base in reading.lineage(cls)[1:]:
            if base not in parents:
                taken |= {name for name, _, _ in members(base.node)}
                continue
            concrete = not reading.abstract(base)
            if concrete and not reading.proxy(cls) and not reading.proxy(base):
                pointer = f"{base.node.name.lower()}_ptr"
                if pointer not in own and not self._parent_link(list(own.values()), base):
                    inherited[pointer] = _automatic(pointer, "OneToOneField", cls, base)
            for one in self.fields(base):
                if one.name not in inherited and (one.name not in taken):
                    inherited[one.name] = one
            if concrete and not self._has_key(self.fields(base)) and not self.concrete_parents(base):
                inherited.setdefault("id", _automatic("id", self.apps.auto_field(base.module), base))
        return [*inherited.values(), *own.values()]

    def _parent_link(self, own: Sequence[Declared], base: Class) -> bool:
        links = [one for one in own if one.root == "OneToOneField" and _true(one.option("parent_link"))]
        return any(self.target(one, one.owner) == self.label(base) for one in links)

    def _has_key(self, declared: Sequence[Declared]) -> bool:
        return any(_true(one.option("primary_key")) or one.root == "CompositePrimaryKey" for one in declared)

    def _implicit(self, cls: Class, declared: Sequence[Declared]) -> Iterator[Field]:
        if not self._has_key(declared) and not self.concrete_parents(cls):
            yield Field(declared=_automatic("id", self.apps.auto_field(cls.module), cls), automatic=True)

    def _field(self, one: Declared, cls: Class) -> Field:
        inherited = one.owner != cls
        if one.root not in (*RELATIONS, "GenericRelation"):
            return Field(declared=one, inherited=inherited, automatic=one.call is None)
        target = self.target(one, cls)
        through = self._label_of(one.option("through"), one.owner, cls) if one.option("through") is not None else ""
        return Field(declared=one, inherited=inherited, automatic=one.call is None, target=target, through=through)

    def target(self, one: Declared, cls: Class) -> str:
        """`app.Model` of what a relation points at, seen from the model that has it."""
        if one.target is not None:
            return self.label(one.target)
        to = one.call.args[0] if one.call and one.call.args else one.option("to")
        if to is None:
            return "taggit.Tag" if one.kind == "TaggableManager" else ""
        return self._label_of(to, one.owner, cls)

    def _label_of(self, expression: ast.expr | None, owner: Class, cls: Class) -> str:
        if expression is None:
            return ""
        reading = self.reading
        found = meaning(reading.sources, owner.module, expression, owner)
        if isinstance(found, Class):
            return self.label(found)
        if isinstance(found, Value):
            label = self._label_of_value(found)
            if label is not None:
                return self._absolute(label, cls)
        return self._user(ast.unparse(expression)) or ast.unparse(expression)[:100]

    def _label_of_value(self, found: Value) -> str | None:
        call = found.expression
        if isinstance(call, ast.Call):
            if called(call) == "getattr" and len(call.args) >= 2:
                name = text_of(self.reading.sources, found.module, call.args[1])
                return self.reading.auth_user if name == "AUTH_USER_MODEL" else None
            return loaded_label(self.reading.sources, found, call, self.reading.auth_user)
        return text_of(self.reading.sources, found.module, found.expression)

    def _user(self, text: str) -> str:
        return self._absolute(self.reading.auth_user, None) if text.endswith("AUTH_USER_MODEL") else ""

    def _absolute(self, label: str, cls: Class | None) -> str:
        """`self` and bare names are seen from the model's own app; the case of known labels is mended."""
        if label == "self" and cls is not None:
            return self.label(cls)
        whole = label if "." in label or cls is None else f"{self.app(cls)}.{label}"
        known = self.reading.by_label.get(whole.casefold())
        return self.label(known) if known is not None and self.reading.is_model(known) else whole

    def _managers(self, cls: Class) -> Iterator[tuple[str, str, int, Class]]:
        seen: set[str] = set()
        for ancestor in self.reading.lineage(cls):
            for bound, statement, binding in members(ancestor.node):
                if bound not in seen and isinstance(binding, ast.Call) and _manager(binding):
                    seen.add(bound)
                    yield bound, ast.unparse(binding)[:120], statement.lineno, ancestor


def _manager(call: ast.Call) -> bool:
    text = ast.unparse(call.func)
    return (
        text.endswith(("Manager", ".as_manager"))
        or "Manager.from_queryset" in text
        or (isinstance(call.func, ast.Call) and called(call.func) == "from_queryset")
    )


def _automatic(name: str, kind: str, owner: Class, target: Class | None = None) -> Declared:
    return Declared(name=name, kind=kind, root=kind, owner=owner, line=owner.node.lineno, target=target)


def _true(expression: ast.expr | None) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is True
