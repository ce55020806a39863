"""Tools over a Django project's models, read from source. Knows questions and wording; `django_source` knows Django."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import nearest, shorten
from nova.tools.django_source.relations import Reverse, accessor, ancestors, holder, reverses
from nova.tools.django_source.schema import Field as ModelField
from nova.tools.django_source.schema import Model, Schema, schema
from nova.tools.django_source.shown import doc_of, field_line, manager_lines, meta_lines, place
from nova.tools.spec import Arguments, Reach, ResultLine, ToolResult, reading, result


class DjangoModels(Arguments):
    """Arguments of django_models."""

    app: str = Field(default="", description="Only models of this app, by its label; empty for all apps.")


class DjangoFields(Arguments):
    """Arguments of django_fields."""

    model: str = Field(description="Model name, for instance Invoice or invoicing.Invoice; case does not matter.")


class DjangoRelations(Arguments):
    """Arguments of django_relations."""

    model: str = Field(description="Model name, for instance Invoice or invoicing.Invoice; case does not matter.")


def _schema(reach: Reach) -> Schema:
    found = schema(reach)
    if not found.models:
        raise ToolFailed("The project holds no Django model.", "Use files_search to look for other definitions.")
    return found


def _models(given: DjangoModels, reach: Reach) -> ToolResult:
    found = _schema(reach)
    concrete = found.concrete()
    abstract = [model for model in found.models.values() if model.abstract]
    counts = Counter(model.app for model in concrete)
    asked = given.app.strip()
    if not asked:
        apps = ", ".join(f"{app} {count}" for app, count in sorted(counts.items()))
        size = f"{_count(len(concrete), 'model')} in {_count(len(counts), 'app')}"
        headline = f"{reach.project or 'The project'} has {size}: {apps}."
    else:
        app = _app(asked, sorted({model.app for model in found.models.values()}))
        concrete = [model for model in concrete if model.app == app]
        abstract = [model for model in abstract if model.app == app]
        headline = f"The app {app} has {_count(len(concrete), 'model')}: {', '.join(m.name for m in concrete)}."
    if abstract:
        headline += f" Abstract bases: {', '.join(sorted(model.name for model in abstract))}."
    lines = [_model_line(model) for model in [*concrete, *sorted(abstract, key=lambda model: model.label)]]
    return result(headline, lines, reach)


def _app(asked: str, known: list[str]) -> str:
    by_folded = {app.casefold(): app for app in known}
    if (app := by_folded.get(asked.casefold().removesuffix("/"))) is not None:
        return app
    near = nearest(asked, known)
    mend = f"Did you mean {' or '.join(near)}?" if near else f"Apps with models: {', '.join(known)}."
    raise ToolFailed(f"There is no app “{shorten(asked, 60)}” with models.", mend)


def _model_line(model: Model) -> ResultLine:
    names = [field.name for field in model.fields if not field.automatic]
    kind = " (abstract base)" if model.abstract else " (proxy)" if model.proxy else ""
    doc = f" {doc_of(model)}" if doc_of(model) else ""
    shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    text = f"{model.label}{kind}:{doc} {_count(len(names), 'field')}: {shown}"
    return ResultLine(text=text, citation=place(model.cls, model.cls.node.lineno))


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def find(found: Schema, asked: str) -> Model:
    """The model a person means: by name or label, without regard to case, spaces, plural. Raises ToolFailed."""
    wanted = re.sub(r"[\s_-]+", "", asked).casefold()
    for form in dict.fromkeys(
        [wanted, wanted.removesuffix("s"), wanted.removesuffix("es"), re.sub("ies$", "y", wanted)]
    ):
        hits = [model for model in found.models.values() if form in {model.label.casefold(), model.name.casefold()}]
        concrete = [model for model in hits if not model.abstract] or hits
        if len(concrete) == 1:
            return concrete[0]
        if concrete:
            labels = " or ".join(sorted(model.label for model in concrete))
            raise ToolFailed(f"{len(concrete)} models are called {concrete[0].name}.", f"Say which one: {labels}.")
    names = {model.name: model.label for model in found.models.values()}
    near = [names[name] for name in nearest(asked.rpartition(".")[2], names)] or nearest(asked, names.values())
    mend = f"Did you mean {' or '.join(near)}?" if near else "django_models lists them all."
    raise ToolFailed(f"There is no model “{shorten(asked, 60)}”.", mend)


def _fields(given: DjangoFields, reach: Reach) -> ToolResult:
    found = _schema(reach)
    model = find(found, given.model)
    inherited = sum(field.inherited and not field.automatic for field in model.fields)
    automatic = sum(field.automatic for field in model.fields)
    parts = [f"{len(model.fields) - inherited - automatic} of its own"]
    parts += [f"{inherited} inherited"] if inherited else []
    parts += [f"{automatic} added by Django"] if automatic else []
    lines = [*(field_line(found, field) for field in model.fields), *meta_lines(model), *manager_lines(model)]
    headline = f"{_named(model)} has {_count(len(model.fields), 'field')}: {', '.join(parts)}.{_bases(model)}"
    return result(headline, [ResultLine(text=_class_line(model), citation=_at(model)), *lines], reach)


def _named(model: Model) -> str:
    kind = "The abstract base " if model.abstract else "The proxy " if model.proxy else ""
    return f"{kind}{model.label}"


def _class_line(model: Model) -> str:
    doc = f": {doc_of(model)}" if doc_of(model) else ""
    return f"class {model.name}({', '.join(model.bases)}){doc}"


def _at(model: Model) -> Citation | None:
    return place(model.cls, model.cls.node.lineno)


def _bases(model: Model) -> str:
    if not model.unread:
        return ""
    return f" Fields of {', '.join(model.unread)} are missing: its source is not in the project."


def _relations(given: DjangoRelations, reach: Reach) -> ToolResult:
    found = _schema(reach)
    model = find(found, given.model)
    forward = [field for field in model.fields if field.relation]
    generic = [field for field in model.fields if field.declared.root in {"GenericForeignKey", "GenericRelation"}]
    back = [] if model.abstract else [one for one in reverses(found, model) if one.accessor or one.source != model]
    headline = (
        f"{_named(model)} has {_count(len(forward) + len(generic), 'relation')} of its own, "
        f"and {len(back)} {'points' if len(back) == 1 else 'point'} at it."
    )
    lines = [_forward(found, model, field) for field in forward]
    lines += [field_line(found, field) for field in generic]
    return result(headline, [*lines, *map(_backward, back), *_family(found, model)], reach)


def _forward(found: Schema, model: Model, field: ModelField) -> ResultLine:
    name = accessor(found, holder(found, model, field), field)
    back = f"; back: {field.target.rpartition('.')[2]}.{name}" if name and field.target else "; no way back"
    line = field_line(found, field)
    return ResultLine(text=f"{line.text}{back}", citation=line.citation)


def _backward(one: Reverse) -> ResultLine:
    declared = one.field.declared
    many = "one" if declared.root == "OneToOneField" else "many"
    name = one.accessor or "(no accessor)"
    text = f"{name}: {many} {one.source.label} by its {declared.root} {one.field.name}"
    return ResultLine(text=text, citation=place(declared.owner, declared.line))


def _family(found: Schema, model: Model) -> Iterator[ResultLine]:
    for label in sorted(ancestors(found, model)):
        if (parent := found.models.get(label)) is not None:
            kind = "is a proxy of" if model.proxy else "extends, with a table of its own,"
            yield ResultLine(text=f"{model.name} {kind} {label}", citation=_at(parent))
    for child in found.models.values():
        if model.label in child.parents:
            yield ResultLine(text=f"{child.label} extends {model.name}", citation=_at(child))


def _apps(reach: Reach) -> list[str]:
    return sorted({model.app for model in schema(reach).models.values()})


def _names(reach: Reach) -> list[str]:
    models = sorted(schema(reach).models.values(), key=lambda model: (model.abstract, model.label))
    return [*(model.label for model in models), *dict.fromkeys(model.name for model in models)]


TOOLS = (
    reading(
        "django_models",
        "Lists the Django models of the project or of one app: which models, entities and tables there are, abstract "
        "bases, how many, in which file.",
        DjangoModels, _models, values={"app": _apps},
    ),
    reading(
        "django_fields",
        "Shows the fields of one Django model: columns with type, null, default, max_length, choices, unique; "
        "inherited ones, Meta constraints, indexes, ordering and managers.",
        DjangoFields, _fields, values={"model": _names},
    ),
    reading(
        "django_relations",
        "Shows the relations of one Django model: foreign keys, many to many, one to one, on_delete, related_name, "
        "which models point at it.",
        DjangoRelations, _relations, values={"model": _names},
    ),
)  # fmt: skip
