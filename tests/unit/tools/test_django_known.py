"""The bases that Nova knows by heart, held against the Django that is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

from tests.unit.tools.places import reach, write

from nova.tools.django_source.schema import schema

ABSTRACT = {
    "AbstractUser": "django.contrib.auth.models", "AbstractBaseUser": "django.contrib.auth.base_user",
    "PermissionsMixin": "django.contrib.auth.models", "AbstractBaseSession": "django.contrib.sessions.base_session",
}  # fmt: skip
CONCRETE = {
    "Group": "django.contrib.auth.models", "Permission": "django.contrib.auth.models",
    "ContentType": "django.contrib.contenttypes.models", "Site": "django.contrib.sites.models",
    "FlatPage": "django.contrib.flatpages.models", "Session": "django.contrib.sessions.models",
}  # fmt: skip
LIVE = """
import importlib, json, sys, django
from django.conf import settings
names = ["auth", "contenttypes", "sites", "flatpages", "sessions"]
settings.configure(INSTALLED_APPS=["django.contrib." + name for name in names],
                   DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()
asked = json.loads(sys.argv[1])
fields = {}
for name, module in asked.items():
    meta = getattr(importlib.import_module(module), name)._meta
    fields[name] = sorted(f"{f.name} {type(f).__name__}" for f in [*meta.fields, *meta.many_to_many])
json.dump(fields, sys.stdout)
"""


def test_what_is_known_by_heart_is_true(tmp_path: Path) -> None:
    """Django's own bases and models have exactly the fields that Nova believes they have."""
    asked = ABSTRACT | CONCRETE
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LIVE, json.dumps(asked)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    live = cast("dict[str, list[str]]", json.loads(done.stdout))
    lines = ["from django.db import models"]
    for name, module in asked.items():
        lines += [f"from {module} import {name}", f"class My{name}({name}):", "    class Meta:"]
        lines += ["        abstract = True" if name in ABSTRACT else "        proxy = True"]
    read = schema(reach(write(tmp_path, {"mine/models.py": "\n".join(lines) + "\n"})))
    for name in asked:
        model = read.models[f"mine.My{name}"]
        assert sorted(f"{one.name} {one.declared.kind}" for one in model.fields) == live[name], name
