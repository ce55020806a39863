"""The Django tools as a person sees them: counts, fields with places, relations from both ends, nearest names."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.tools.places import ask, reach, write
from tests.unit.tools.test_django_schema import PROJECT

from nova.core.errors import ToolFailed
from nova.tools.registry import toolbox

ORDER = "from django.db import models\nclass Order(models.Model):\n    x = models.IntegerField()\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("shown"), PROJECT)


async def test_models_are_counted_by_app(root: Path) -> None:
    """The list says how many models each app has, and where each is written."""
    result = await ask(root, "django_models")
    assert result.headline.startswith("shop has 13 models in 4 apps: library 2, people 1, sales 3, warehouse 7.")
    assert any(str(line).startswith("stock/models/goods.py:11  warehouse.Good:") for line in result.lines)
    one = await ask(root, "django_models", app="Warehouse")
    assert one.headline == "The app warehouse has 7 models: Cheap, Good, Place, Saw, Shelf, Tag, Tool."


async def test_an_unknown_app_names_the_nearest(root: Path) -> None:
    """A misspelt app is refused with the one that was meant."""
    with pytest.raises(ToolFailed, match="Did you mean warehouse"):
        await ask(root, "django_models", app="warehose")


@pytest.mark.parametrize("asked", ["Good", "warehouse.Good", "good", "GOODS", "warehouse.goods", " Good "])
async def test_a_model_is_found_as_people_write_it(root: Path, asked: str) -> None:
    """Case, plural, app label and spaces do not matter."""
    result = await ask(root, "django_fields", model=asked)
    assert result.headline == "warehouse.Good has 8 fields: 4 of its own, 3 inherited, 1 added by Django."


async def test_fields_are_told_with_options_and_places(root: Path) -> None:
    """Each field has its line, its class, its options and choices, and the base it comes from."""
    text = (await ask(root, "django_fields", model="Good")).text()
    for line in (
        "stock/models/goods.py:11  id: AutoField, primary key (added by Django)",
        "base/models.py:13  owner: OwnerKey (a ForeignKey) to people.Person, on_delete=CASCADE, "
        "related_name='%(app_label)s_%(class)ss' (inherited from Owned)",
        "base/models.py:14  code: CodeField (a CharField), blank, max_length=12 (inherited from Owned)",
        "stock/models/goods.py:18  kind: CharField, max_length=3, default=Kind.NEW, choices Kind.choices: new, old",
        "goods.py:13  at: ManyToManyField to warehouse.Place through warehouse.Shelf, related_name='goods'",
        "base/models.py:10  Meta ordering: ['made']",
    ):
        assert line in text
    assert "ghost" not in text


async def test_relations_are_told_from_both_ends(root: Path) -> None:
    """What a model points at, what points at it under which name, and what it extends."""
    text = (await ask(root, "django_relations", model="Tool")).text()
    assert text.startswith("warehouse.Tool has 4 relations of its own, and 4 point at it.")
    assert "(inherited from Owned); back: Person.warehouse_goods" in text
    assert "shelves: many warehouse.Shelf by its ForeignKey good" in text
    assert "Tool extends, with a table of its own, warehouse.Good" in text
    assert "warehouse.Saw extends Tool" in text
    shelf = (await ask(root, "django_relations", model="Shelf")).text()
    assert "place: ForeignKey to warehouse.Place, on_delete=CASCADE, related_name='+'; no way back" in shelf


async def test_unknown_and_ambiguous_models_are_named(tmp_path: Path) -> None:
    """A misspelt model is refused with the nearest, a name of two models with both labels."""
    write(tmp_path, {"a/models.py": ORDER, "b/models.py": ORDER})
    with pytest.raises(ToolFailed, match=r"Say which one: a\.Order or b\.Order"):
        await ask(tmp_path, "django_fields", model="Order")
    with pytest.raises(ToolFailed, match="Did you mean"):
        await ask(tmp_path, "django_fields", model="Ordr")
    with pytest.raises(ToolFailed, match="django_models lists them"):
        await ask(tmp_path, "django_fields", model="zzzzzzzz")


async def test_a_base_without_source_is_said(tmp_path: Path) -> None:
    """Fields of a library's base cannot be read without its source: the answer says which are missing."""
    text = f"from somelib.models import Base\n{ORDER}".replace("models.Model", "Base")
    result = await ask(write(tmp_path, {"a/models.py": text}), "django_fields", model="Order")
    assert "Fields of somelib.models.Base are missing" in result.headline


async def test_forms_and_serializers_are_no_models(tmp_path: Path) -> None:
    """Classes with fields of forms, serializers or dataclasses are never taken for models."""
    text = (
        "from django import forms\nfrom rest_framework import serializers\nfrom django.db.models import TextChoices\n"
        "class F(forms.Form):\n    x = forms.CharField()\n"
        "class S(serializers.ModelSerializer):\n    x = serializers.CharField()\n"
        "class C(TextChoices):\n    A = 'a'\n"
    )
    with pytest.raises(ToolFailed, match="holds no Django model"):
        await ask(write(tmp_path, {"a/models.py": text}), "django_models")


@pytest.mark.parametrize(
    "text",
    [
        "class A(A): pass\n",
        "from .models import A\nclass B(A):\n    pass\n",
        "from a.models import *\n",
        "class A(B): pass\nclass B(A): pass\n",
        "A = B\nB = A\nclass C(A): x = A()\n",
        "x = " + "(" * 300 + ")" * 300,
        "x = " + "-" * 20_000 + "1\n",
        "\x00\x01",
        "class A(models.Model):\n  x = models.ForeignKey()\n",
        f"{ORDER}    y = models.ForeignKey(to=to)\n    class Meta(Order.Meta):\n        pass\n",
        f"{ORDER}    y = models.CharField(*a, **b)\n    class Meta(Meta):\n        ordering = x[0]\n",
    ],
)
async def test_circles_and_nonsense_end(tmp_path: Path, text: str) -> None:
    """Circular imports and bases, endless nesting and broken source give a result or a sentence, never a fault."""
    write(
        tmp_path,
        {
            "a/__init__.py": "",
            "a/models.py": text,
            "b/models.py": "from django.db import models\nclass Ok(models.Model): pass\n",
        },
    )
    result = await ask(tmp_path, "django_models")
    assert "b.Ok" in result.text()
    for label in toolbox()["django_fields"].values["model"](reach(tmp_path)):
        if "." in label:
            await ask(tmp_path, "django_fields", model=label)
            await ask(tmp_path, "django_relations", model=label)


async def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """A field added a moment ago is in the answer: nothing stale is served."""
    write(tmp_path, {"a/models.py": ORDER})
    assert "2 fields" in (await ask(tmp_path, "django_fields", model="Order")).headline
    write(tmp_path, {"a/models.py": ORDER + "    y = models.IntegerField()\n"})
    assert "3 fields" in (await ask(tmp_path, "django_fields", model="Order")).headline


async def test_the_project_is_never_executed(tmp_path: Path) -> None:
    """Reading a module that would write a file when imported leaves no such file."""
    trap = tmp_path / "sprung"
    spring = f"open({str(trap)!r}, 'w')\n"
    await ask(write(tmp_path, {"a/__init__.py": spring, "a/models.py": spring + ORDER}), "django_models")
    assert not trap.exists()
