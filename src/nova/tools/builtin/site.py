"""Tools over hand-made websites in a project: which there are, what is wrong with one. Reads files, fetches nothing."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.policy.paths import PlaceKind
from nova.projects.sources.files import read_named
from nova.tools.beneath import files, locate
from nova.tools.site_pages.page import Page, read_page
from nova.tools.site_pages.rules import Finding, Limits, Severity, fault, on_page, weak
from nova.tools.site_pages.style import hidden_focus, rules_of, weak_contrasts
from nova.tools.site_pages.whole import between_pages
from nova.tools.spec import Arguments, Data, Reach, ResultLine, ToolResult, reading, result

PAGES_MAX = 500
FINDINGS_MAX = 500
_PAGES = (".html", ".htm")


class SiteList(Arguments):
    """site_list takes no arguments."""


class SiteAudit(Arguments):
    """Arguments of site_audit."""

    path: str = Field(default="", description="Folder of the site; empty where the project has only one.")
    image_width_max: int = Field(default=1600, ge=1, description="Widest picture in pixels, as declared.")
    image_kilobytes_max: int = Field(default=400, ge=1, description="Heaviest picture file.")


class Sites(Data):
    """Folders that are a site: they hold an index.html and lie in no other site."""

    sites: list[str]


class SiteFinding(Data):
    """One finding. place: path:line; severity: fault or weak; mend: what to do."""

    rule: str
    severity: str
    place: str
    what: str
    mend: str


class SiteAudited(Data):
    """What is wrong with one site. clean: no fault; rules: how often each rule was broken; report: as Markdown."""

    site: str
    pages: int
    faults: int
    weak: int
    clean: bool
    findings: list[SiteFinding]
    rules: dict[str, int]
    report: str


def sites(reach: Reach) -> list[str]:
    """The folders of sites, sorted."""
    homes = {posixpath.dirname(name) or "." for name in files(reach) if posixpath.basename(name) == "index.html"}
    return sorted(one for one in homes if not any(_inside(one, other) for other in homes))


def _inside(one: str, other: str) -> bool:
    return one != other and (other == "." or one.startswith(f"{other}/"))


def _list(given: SiteList, reach: Reach) -> ToolResult:
    del given
    found = sites(reach)
    noun = "site" if len(found) == 1 else "sites"
    lines = [
        ResultLine(text=one, citation=Citation(path=f"{one}/index.html".removeprefix("./"), line=1)) for one in found
    ]
    return result(f"{len(found)} {noun} in {reach.project or 'the project'}.", lines, reach, data=Sites(sites=found))


def _audit(given: SiteAudit, reach: Reach) -> ToolResult:
    folder = locate(reach, given.path or _only(reach), PlaceKind.FOLDER).relative
    names = files(reach, folder)
    pages = [read_page(name, read_named(reach.root, name).text) for name in names if name.endswith(_PAGES)][:PAGES_MAX]
    if not pages:
        raise ToolFailed(f"{folder} holds no HTML page.", "site_list shows the sites of the project.")
    limits = Limits(image_width_max=given.image_width_max, image_bytes_max=1000 * given.image_kilobytes_max)
    found = sorted(_findings(reach, folder, names, pages, limits), key=_order)
    faults = sum(one.severity is Severity.FAULT for one in found)
    headline = f"{folder}: {len(pages)} pages, {faults} faults, {len(found) - faults} weak points."
    shown = found[:FINDINGS_MAX]
    lines = [ResultLine(text=_said(one), citation=Citation(path=one.path, line=one.line)) for one in shown]
    data = SiteAudited(
        site=folder,
        pages=len(pages),
        faults=faults,
        weak=len(found) - faults,
        clean=not faults,
        findings=[
            SiteFinding(
                rule=one.rule, severity=one.severity.value, place=f"{one.path}:{one.line}", what=one.what, mend=one.mend
            )
            for one in shown
        ],
        rules=dict(sorted(Counter(one.rule for one in found).items())),
        report="\n".join([f"# {folder}", "", headline, *_sections(found)]) + "\n",
    )
    return result(headline, lines, reach, cut=len(found) > FINDINGS_MAX, data=data)


def _only(reach: Reach) -> str:
    found = sites(reach)
    if len(found) == 1:
        return found[0]
    known = f"Name one of: {', '.join(found)}." if found else "A site is a folder with an index.html."
    raise ToolFailed(f"The project holds {len(found)} sites.", known)


def _findings(
    reach: Reach, folder: str, names: Sequence[str], pages: Sequence[Page], limits: Limits
) -> Iterator[Finding]:
    for page in pages:
        yield from on_page(page, limits)
    sizes = {name: (reach.root / name).stat().st_size for name in names}
    yield from between_pages(folder, pages, sizes, limits)
    for name in names:
        if name.endswith(".css"):
            yield from _style(name, read_named(reach.root, name).text, limits)


def _style(path: str, text: str, limits: Limits) -> Iterator[Finding]:
    rules = rules_of(text)
    for one in weak_contrasts(rules, limits.contrast_min):
        what = f"The text of “{one.selector}” has a contrast of {one.ratio} to 1"
        yield fault("contrast", path, one.line, what, f"At least {limits.contrast_min} to 1.")
    for selector, line in hidden_focus(rules):
        what = f"“{selector}” hides where the keyboard is"
        yield weak("focus", path, line, what, "Leave the outline, or draw another mark in :focus-visible.")


def _order(one: Finding) -> tuple[bool, str, int, str]:
    return one.severity is not Severity.FAULT, one.path, one.line, one.rule


def _said(one: Finding) -> str:
    return f"{one.severity.value} ({one.rule}): {one.what}. {one.mend}"


def _sections(found: Sequence[Finding]) -> Iterator[str]:
    for severity, title in ((Severity.FAULT, "Faults"), (Severity.WEAK, "Could be better")):
        chosen = [one for one in found if one.severity is severity]
        if chosen:
            yield from ("", f"## {title}", "")
        for page in dict.fromkeys(one.path for one in chosen):
            yield f"- {PurePosixPath(page).name}"
            yield from (f"  - `{one.path}:{one.line}` {one.what}. {one.mend}" for one in chosen if one.path == page)


TOOLS = (
    reading(
        "site_list",
        "Lists the websites in the project: folders with an index.html.",
        SiteList, _list, output=Sites,
    ),
    reading(
        "site_audit",
        "Audits a website's files: broken internal links, missing titles, descriptions and alt texts, headings, "
        "large pictures, labels, contrast, opening hours and telephone numbers that differ between pages, privacy.",
        SiteAudit, _audit, paths=lambda given: (given.path,) if given.path else (),
        values={"path": sites}, output=SiteAudited,
    ),
)  # fmt: skip
