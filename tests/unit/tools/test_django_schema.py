"""Reading models from source, held against Django's own registry on a project that uses its awkward corners."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from tests.unit.tools.places import reach, write

from nova.tools.django_source.relations import reverses
from nova.tools.django_source.schema import Schema, schema

PROJECT = {
    "config/__init__.py": "",
    "config/settings.py": """
SECRET_KEY = "x"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Person"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "people", "stock",
                  "deep.sales.apps.SalesConfig", "library.Lib"]
""",
    "people/__init__.py": "",
    "people/models.py": """
from django.contrib.auth.models import AbstractUser
from django.db import models

class Person(AbstractUser):
    phone = models.CharField(max_length=20, blank=True)
    friends = models.ManyToManyField("self")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")
    first_name = None
""",
    "base/__init__.py": "",
    "base/fields.py": """
from django.db.models import CharField, ForeignKey

class CodeField(CharField):
    def __init__(self, *args, **kwargs):
        kwargs["max_length"] = 12
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

class OwnerKey(ForeignKey):
    pass
""",
    "base/models.py": """
from django.conf import settings
from django.db import models
from .fields import CodeField, OwnerKey

class Stamped(models.Model):
    made = models.DateTimeField(auto_now_add=True)
    class Meta:
        abstract = True
        ordering = ["made"]

class Owned(models.Model):
    owner = OwnerKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="%(app_label)s_%(class)ss")
    code = CodeField()
    class Meta:
        abstract = True

class Plain:
    ghost = models.CharField(max_length=5)
    note = "not a field"

class Both(Stamped, Owned):
    class Meta(Stamped.Meta):
        abstract = True
""",
    "stock/__init__.py": "",
    "stock/apps.py": """
from django.apps import AppConfig
class StockConfig(AppConfig):
    name = "stock"
    label = "warehouse"
    default_auto_field = "django.db.models.AutoField"
""",
    "stock/models/__init__.py": "from .goods import *\nfrom .place import Place as Place\n",
    "stock/models/place.py": """
from django.db import models
ME = "self"
class Place(models.Model):
    name = models.CharField(max_length=10, primary_key=True)
    parent = models.ForeignKey("self", models.SET_NULL, null=True)
    twin = models.OneToOneField(to=ME, on_delete=models.CASCADE, null=True)
""",
    "stock/models/goods.py": """
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from base import models as base
from base.models import Both, Plain
from .place import Place

__all__ = ["Good", "Tool", "Saw", "Tag", "Cheap", "Shelf"]

class Good(Plain, Both):
    note = models.TextField()
    at = models.ManyToManyField(Place, through="Shelf", related_name="goods")
    tags = GenericRelation("Tag")
    class Kind(models.TextChoices):
        NEW = "new", "New"
        OLD = "old"
    kind = models.CharField(max_length=3, choices=Kind.choices, default=Kind.NEW)

class Shelf(models.Model):
    good = models.ForeignKey("warehouse.Good", models.CASCADE)
    place = models.ForeignKey(Place, models.CASCADE, related_name="+")
    class Meta:
        unique_together = [("good", "place")]
        default_related_name = "shelves"

class Tool(Good):
    weight = models.IntegerField()

class Saw(Tool):
    base_tool = models.OneToOneField(Tool, models.CASCADE, parent_link=True)
    teeth = models.IntegerField()

class Cheap(Good):
    class Meta:
        proxy = True

class Tag(base.Stamped):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    thing = GenericForeignKey()
    code: models.CharField = models.CharField(max_length=9)
""",
    "deep/__init__.py": "",
    "deep/sales/__init__.py": "",
    "deep/sales/apps.py": 'from django.apps import AppConfig\nclass SalesConfig(AppConfig):\n    name = "deep.sales"\n',
    "deep/sales/abstract_models.py": """
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models

class AbstractOrder(models.Model):
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    lines = models.ManyToManyField("warehouse.Good", related_name="orders_%(class)s")
    previous = models.ForeignKey("Order", models.SET_NULL, null=True)
    total = models.DecimalField(max_digits=9, decimal_places=2)

    @property
    def code(self):
        return "x"

    class Meta:
        abstract = True
        app_label = "sales"
""",
    "deep/sales/models.py": """
from django.apps import apps
from django.db import models
from .abstract_models import AbstractOrder as Base

try:
    from base.models import Owned
except ImportError:
    Owned = object

def is_model_registered(app, name):
    return (app, name.lower()) in apps.app_configs

if not is_model_registered("sales", "Order"):
    class Order(Base):
        pass

try:
    from nowhere import Extra
except ImportError:
    class Extra:
        pass

class Gift(Extra, Base):
    total = None
    wrap = models.BooleanField(default=False)

class Claim(Owned):
    order = models.OneToOneField(Order, models.CASCADE)
    code = "overridden"
    class Meta(Owned.Meta):
        abstract = False
        app_label = "sales"
        db_table = "claims"
""",
    "library/__init__.py": """
from django.apps import AppConfig
class Lib(AppConfig):
    name = "library"
""",
    "library/models.py": """
from django.db import models
class Book(models.Model):
    title = models.CharField('the title', max_length=5)

class Quiet:
    made = "hides the field of the same name in the base that follows"

from base.models import Stamped
class Remark(Quiet, Stamped):
    text = models.TextField()
""",
    "library/migrations/__init__.py": "",
    "library/migrations/0001_initial.py": "from django.db import models\nclass Old(models.Model):\n    pass\n",
    "tests/test_x.py": "from django.db import models\nclass Probe(models.Model):\n    x = models.IntegerField()\n",
    "broken/models.py": "class Half(models.Model:\n",
}

LIVE = """
import json, os, sys
sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.apps import apps
dump = {}
for model in apps.get_models():
    if model.__module__.startswith("django."):
        continue
    meta = model._meta
    forward = [*meta.fields, *meta.many_to_many, *meta.private_fields]
    dump[meta.label] = {
        "fields": sorted(f"{f.name} {type(f).__name__}" for f in forward),
        "targets": sorted(f"{f.name} {f.remote_field.model._meta.label}" for f in [*meta.fields, *meta.many_to_many]
                          if f.remote_field is not None),
        "back": sorted(f"{r.get_accessor_name()} {r.related_model._meta.label}.{r.field.name}"
                       for r in meta.related_objects if not r.hidden),
    }
json.dump(dump, sys.stdout)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("corners"), PROJECT)


@pytest.fixture(scope="module")
def live(project: Path) -> dict[str, dict[str, list[str]]]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LIVE],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return cast("dict[str, dict[str, list[str]]]", json.loads(done.stdout))


@pytest.fixture(scope="module")
def read(project: Path) -> Schema:
    return schema(reach(project))


def test_models_of_awkward_corners(live: dict[str, dict[str, list[str]]], read: Schema) -> None:
    """Proxies, children with own tables, conditional classes, packages are found; classes of tests, migrations not."""
    assert sorted(model.label for model in read.concrete()) == sorted(live)


def test_fields_of_awkward_corners(live: dict[str, dict[str, list[str]]], read: Schema) -> None:
    """Every model has exactly Django's fields: removed, shadowed, inherited and automatic ones included."""
    for label, facts in live.items():
        model = read.models[label]
        fields = model.fields if not model.proxy else read.models[model.parents[0]].fields
        assert sorted(f"{one.name} {one.declared.kind}" for one in fields) == facts["fields"], label


def test_targets_of_awkward_corners(live: dict[str, dict[str, list[str]]], read: Schema) -> None:
    """Every relation points where Django points it: self, lazy names, settings, the app of the concrete model."""
    for label, facts in live.items():
        model = read.models[label]
        fields = model.fields if not model.proxy else read.models[model.parents[0]].fields
        found = sorted(f"{one.name} {one.target}" for one in fields if one.relation)
        assert found == facts["targets"], label


def test_reverse_accessors_of_awkward_corners(live: dict[str, dict[str, list[str]]], read: Schema) -> None:
    """Every reverse accessor has Django's name, and hidden ones have none."""
    for label, facts in live.items():
        found = sorted(
            f"{one.accessor} {one.source.label}.{one.field.name}"
            for one in reverses(read, read.models[label])
            if one.accessor
        )
        assert found == facts["back"], label
