"""The static reading of django-oscar against Django's own live registry. Real packages, a real `django.setup()`."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from nova.core.labels import Scope
from nova.tools.django_source.declared import Declared
from nova.tools.django_source.relations import reverses
from nova.tools.django_source.schema import Field, Model, Schema, schema
from nova.tools.spec import Reach

FOUND_LEAST = 0.99

LIVE = """
import json, sys
import django
from django.conf import settings
import oscar
from oscar import defaults

own = {k: getattr(defaults, k) for k in dir(defaults) if k.isupper()}
settings.configure(
    **own, INSTALLED_APPS=oscar.INSTALLED_APPS, SECRET_KEY="x" * 50, SITE_ID=1, USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
)
from django.apps import apps

try:
    django.setup()
except ImportError:
    # The last phase of the set-up lets apps load their views; the search package's views need an older Django.
    # The registry of models is complete before that phase begins, and Django says so itself.
    if not apps.models_ready:
        raise

dump = {}
for model in apps.get_models(include_auto_created=False):
    if not model.__module__.startswith("oscar."):
        continue
    meta = model._meta
    forward = [*meta.fields, *meta.many_to_many, *meta.private_fields]
    relations = {}
    for field in [*meta.fields, *meta.many_to_many]:
        if field.remote_field is not None:
            through = getattr(field.remote_field, "through", None)
            made = through is None or through._meta.auto_created
            relations[field.name] = [field.remote_field.model._meta.label, "" if made else through._meta.label]
    back = [
        [relation.get_accessor_name(), relation.related_model._meta.label, relation.field.name]
        for relation in meta.related_objects
        if relation.related_model.__module__.startswith("oscar.") and not relation.hidden
    ]
    dump[meta.label] = {
        "fields": {field.name: type(field).__name__ for field in forward},
        "options": {
            field.name: [field.null, field.blank, field.unique, field.max_length] for field in meta.fields
        },
        "relations": relations, "back": back,
    }
json.dump(dump, sys.stdout)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two sets of facts. live: what Django says; read: what was read from the source."""

    what: str
    live: frozenset[str]
    read: frozenset[str]

    @property
    def share(self) -> float:
        """The part of the live facts that was read."""
        return len(self.live & self.read) / len(self.live)

    def __str__(self) -> str:
        missing, invented = sorted(self.live - self.read), sorted(self.read - self.live)
        return (
            f"{self.what}: {len(self.live & self.read)} of {len(self.live)} found ({self.share:.2%}), "
            f"{len(invented)} invented; missing {missing[:20]}, invented {invented[:20]}"
        )


@pytest.fixture(scope="module")
def oscar_folder() -> Path:
    spec = importlib.util.find_spec("oscar")
    assert spec is not None, "django-oscar belongs to the dev group"
    assert spec.origin is not None
    return Path(spec.origin).parent


@pytest.fixture(scope="module")
def live() -> dict[str, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LIVE], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return cast("dict[str, dict[str, object]]", json.loads(done.stdout))


@pytest.fixture(scope="module")
def read(oscar_folder: Path) -> Schema:
    return schema(Reach(root=oscar_folder.resolve(), project="oscar", scope=Scope.of("oscar")))


def _facts(live: dict[str, dict[str, object]], part: str) -> dict[str, dict[str, list[str]]]:
    return {label: cast("dict[str, list[str]]", value[part]) for label, value in live.items()}


def test_models_are_those_of_the_registry(live: dict[str, dict[str, object]], read: Schema) -> None:
    """Every model that Django registers for oscar is found in the source, and no other."""
    compared = Compared(what="models", live=frozenset(live), read=frozenset(model.label for model in read.concrete()))
    print(compared)
    assert compared.share >= FOUND_LEAST, str(compared)
    assert not compared.read - compared.live, str(compared)


def test_fields_are_those_of_the_registry(live: dict[str, dict[str, object]], read: Schema) -> None:
    """Every field, inherited and automatic ones included, is found with its class, and none is invented."""
    facts = frozenset(
        f"{label}.{name}: {kind}" for label, fields in _facts(live, "fields").items() for name, kind in fields.items()
    )
    found = frozenset(
        f"{model.label}.{field.name}: {field.declared.kind}"
        for model in read.concrete()
        for field in _with_parent(read, model)
    )
    compared = Compared(what="fields", live=facts, read=found)
    print(compared)
    assert compared.share >= FOUND_LEAST, str(compared)
    assert not compared.read - compared.live, str(compared)


def _with_parent(read: Schema, model: Model) -> Iterable[Field]:
    """A proxy's fields are those of the model it stands for; Django adds the key there."""
    own = {field.name: field for field in model.fields}
    for label in model.parents if model.proxy else ():
        own = {field.name: field for field in read.models[label].fields} | own
    return own.values()


def test_relations_are_those_of_the_registry(live: dict[str, dict[str, object]], read: Schema) -> None:
    """Every foreign key, one to one and many to many points at the same model through the same table."""
    facts = frozenset(
        f"{label}.{name} -> {target} {through}".strip()
        for label, relations in _facts(live, "relations").items()
        for name, (target, through) in relations.items()
    )
    found = frozenset(
        f"{model.label}.{field.name} -> {field.target} {field.through}".strip()
        for model in read.concrete()
        for field in _with_parent(read, model)
        if field.relation
    )
    compared = Compared(what="relations", live=facts, read=found)
    print(compared)
    assert compared.share >= FOUND_LEAST, str(compared)
    assert not compared.read - compared.live, str(compared)


def test_reverse_relations_are_those_of_the_registry(live: dict[str, dict[str, object]], read: Schema) -> None:
    """Every accessor that Django gives the other end of a relation is found under the same name, and no other."""
    facts = frozenset(
        f"{label}.{accessor} <- {source}.{field}"
        for label, value in live.items()
        for accessor, source, field in cast("list[list[str]]", value["back"])
    )
    found = frozenset(
        f"{model.label}.{one.accessor} <- {one.source.label}.{one.field.name}"
        for model in read.concrete()
        for one in reverses(read, model)
        if one.accessor
    )
    compared = Compared(what="reverse relations", live=facts, read=found)
    print(compared)
    assert compared.share >= FOUND_LEAST, str(compared)
    assert not compared.read - compared.live, str(compared)


def test_flags_are_those_of_the_registry(live: dict[str, dict[str, object]], read: Schema) -> None:
    """null, blank, unique and max_length of every field written in oscar are as Django has them."""
    facts: set[str] = set()
    found: set[str] = set()
    for model in read.concrete():
        options = cast("dict[str, list[object]]", live.get(model.label, {}).get("options", {}))
        for field in model.fields:
            declared = field.declared
            if field.automatic or field.name not in options or not declared.owner.module.path:
                continue
            null, blank, unique, max_length = options[field.name]
            flags = {"null": null, "blank": blank, "unique": unique}
            facts.update(f"{model.label}.{field.name} {flag}" for flag, on in flags.items() if on)
            found.update(f"{model.label}.{field.name} {flag}" for flag in flags if _says(declared, flag))
            length = declared.option("max_length")
            if isinstance(length, ast.Constant):
                facts.add(f"{model.label}.{field.name} max_length={max_length}")
                found.add(f"{model.label}.{field.name} max_length={length.value}")
    compared = Compared(what="flags", live=frozenset(facts), read=frozenset(found))
    print(compared)
    assert compared.share >= FOUND_LEAST, str(compared)
    assert not compared.read - compared.live, str(compared)


def _says(declared: Declared, flag: str) -> bool:
    """Written, or implied by Django: what is filled in by itself may be blank, keys and one to one are unique."""
    implied = {
        "blank": _on(declared.option("auto_now")) or _on(declared.option("auto_now_add")),
        "unique": declared.root == "OneToOneField" or _on(declared.option("primary_key")),
    }
    return _on(declared.option(flag)) or implied.get(flag, False)


def _on(expression: ast.expr | None) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is True
