"""Bases that projects build on, as much of their source as says which fields they bring. Data, read like any module.

Django's own, checked against the installed Django by a test; and a few libraries whose source is often not beside the
project, written from what they document and not checked. Where a library's source is found, that wins.
"""

from __future__ import annotations

_AUTH_BASE = """
from django.db import models

class AbstractBaseUser(models.Model):  # Django 5.2
    password = models.CharField(max_length=128)
    last_login = models.DateTimeField(blank=True, null=True)

    class Meta:
        abstract = True
"""

_AUTH = """
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import models

class Permission(models.Model):  # Django 5.2
    name = models.CharField(max_length=255)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    codename = models.CharField(max_length=100)

    class Meta:
        app_label = "auth"

class Group(models.Model):
    name = models.CharField(max_length=150, unique=True)
    permissions = models.ManyToManyField(Permission, blank=True)

    class Meta:
        app_label = "auth"

class PermissionsMixin(models.Model):
    is_superuser = models.BooleanField(default=False)
    groups = models.ManyToManyField(Group, blank=True, related_name="user_set", related_query_name="user")
    user_permissions = models.ManyToManyField(
        Permission, blank=True, related_name="user_set", related_query_name="user")

    class Meta:
        abstract = True

class AbstractUser(AbstractBaseUser, PermissionsMixin):
    username = models.CharField(max_length=150, unique=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

class User(AbstractUser):
    class Meta(AbstractUser.Meta):
        app_label = "auth"
        swappable = "AUTH_USER_MODEL"
"""

_CONTENT_TYPES = """
from django.db import models

class ContentType(models.Model):  # Django 5.2
    app_label = models.CharField(max_length=100)
    model = models.CharField(max_length=100)

    class Meta:
        app_label = "contenttypes"
"""

_SITES = """
from django.db import models

class Site(models.Model):  # Django 5.2
    domain = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "sites"
"""

_FLATPAGES = """
from django.contrib.sites.models import Site
from django.db import models

class FlatPage(models.Model):  # Django 5.2
    url = models.CharField(max_length=100, db_index=True)
    title = models.CharField(max_length=200)
    content = models.TextField(blank=True)
    enable_comments = models.BooleanField(default=False)
    template_name = models.CharField(max_length=70, blank=True)
    registration_required = models.BooleanField(default=False)
    sites = models.ManyToManyField(Site)

    class Meta:
        app_label = "flatpages"
"""

_SESSIONS_BASE = """
from django.db import models

class AbstractBaseSession(models.Model):  # Django 5.2
    session_key = models.CharField(max_length=40, primary_key=True)
    session_data = models.TextField()
    expire_date = models.DateTimeField(db_index=True)

    class Meta:
        abstract = True
"""

_SESSIONS = """
from django.contrib.sessions.base_session import AbstractBaseSession

class Session(AbstractBaseSession):  # Django 5.2
    class Meta(AbstractBaseSession.Meta):
        app_label = "sessions"
"""

_TREEBEARD_MP = """
from django.db import models

class MP_Node(models.Model):  # django-treebeard 7.0
    path = models.CharField(max_length=255, unique=True)
    depth = models.PositiveIntegerField()
    numchild = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
"""

_TREEBEARD_NS = """
from django.db import models

class NS_Node(models.Model):  # django-treebeard 7.0
    lft = models.PositiveIntegerField(db_index=True)
    rgt = models.PositiveIntegerField(db_index=True)
    tree_id = models.PositiveIntegerField(db_index=True)
    depth = models.PositiveIntegerField(db_index=True)

    class Meta:
        abstract = True
"""

_TREEBEARD_AL = """
from django.db import models

class AL_Node(models.Model):  # django-treebeard 7.0: it brings no fields of its own
    class Meta:
        abstract = True
"""

_MPTT = """
from django.db import models

class MPTTModel(models.Model):  # django-mptt 0.16, with its default names
    lft = models.PositiveIntegerField(editable=False)
    rght = models.PositiveIntegerField(editable=False)
    tree_id = models.PositiveIntegerField(db_index=True, editable=False)
    level = models.PositiveIntegerField(editable=False)

    class Meta:
        abstract = True
"""

_MPTT_FIELDS = """
from django.db import models

class TreeForeignKey(models.ForeignKey):  # django-mptt 0.16
    pass

class TreeOneToOneField(models.OneToOneField):
    pass

class TreeManyToManyField(models.ManyToManyField):
    pass
"""

_EXTENSIONS = """
from django.db import models

class TimeStampedModel(models.Model):  # django-extensions 4.1
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        get_latest_by = "modified"

class TitleDescriptionModel(models.Model):
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True, null=True)

    class Meta:
        abstract = True

class ActivatorModel(models.Model):
    status = models.IntegerField(default=1)
    activate_date = models.DateTimeField(blank=True, null=True)
    deactivate_date = models.DateTimeField(blank=True, null=True)

    class Meta:
        abstract = True
"""

_MODEL_UTILS = """
from django.db import models

class TimeStampedModel(models.Model):  # django-model-utils 5.0
    created = models.DateTimeField(default=now, editable=False)
    modified = models.DateTimeField(default=now, editable=False)

    class Meta:
        abstract = True

class UUIDModel(models.Model):
    id = models.UUIDField(primary_key=True, editable=False)

    class Meta:
        abstract = True

class SoftDeletableModel(models.Model):
    is_removed = models.BooleanField(default=False)

    class Meta:
        abstract = True
"""

_POLYMORPHIC = """
from django.contrib.contenttypes.models import ContentType
from django.db import models

class PolymorphicModel(models.Model):  # django-polymorphic 4.1
    polymorphic_ctype = models.ForeignKey(
        ContentType, null=True, editable=False, on_delete=models.CASCADE,
        related_name="polymorphic_%(app_label)s.%(class)s_set+")

    class Meta:
        abstract = True
"""

_PHONE = """
from django.db import models

class PhoneNumberField(models.CharField):  # django-phonenumber-field 8.5
    pass
"""

KNOWN = {
    "django.contrib.auth.base_user": _AUTH_BASE,
    "django.contrib.auth.models": _AUTH,
    "django.contrib.contenttypes.models": _CONTENT_TYPES,
    "django.contrib.sites.models": _SITES,
    "django.contrib.flatpages.models": _FLATPAGES,
    "django.contrib.sessions.base_session": _SESSIONS_BASE,
    "django.contrib.sessions.models": _SESSIONS,
    "treebeard.mp_tree": _TREEBEARD_MP,
    "treebeard.ns_tree": _TREEBEARD_NS,
    "treebeard.al_tree": _TREEBEARD_AL,
    "mptt.models": _MPTT + _MPTT_FIELDS.replace("from django.db import models", ""),
    "mptt.fields": _MPTT_FIELDS,
    "django_extensions.db.models": _EXTENSIONS,
    "model_utils.models": _MODEL_UTILS,
    "polymorphic.models": _POLYMORPHIC,
    "phonenumber_field.modelfields": _PHONE,
}
