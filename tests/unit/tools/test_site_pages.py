"""Websites in folders: pages read as browsers read them, links followed in the folder, colours measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.tools.places import ask, write

from nova.core.errors import ToolFailed
from nova.tools.builtin.site import SiteAudited, Sites
from nova.tools.site_pages.page import read_page
from nova.tools.site_pages.style import contrast, hidden_focus, rules_of, weak_contrasts
from nova.tools.site_pages.whole import target_of

GOOD = """<!doctype html>
<html lang="en">
<head>
<meta name="viewport" content="width=device-width">
<title>{title} of a practice that is quite well made</title>
<meta name="description" content="{title}: {words}">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<h1>{title}</h1>
{body}
<p><a href="privacy.html">Privacy</a></p>
</body>
</html>
"""
WORDS = "a description of this page that is neither too short nor too long for a list of results"


def page(title: str, body: str = "") -> str:
    """A page without a fault, with something in it."""
    return GOOD.format(title=title, words=WORDS, body=body)


def a_site(folder: Path, **pages: str) -> Path:
    """A site with a home page, a privacy page and a style sheet."""
    texts = {"index.html": page("Home"), "privacy.html": page("Privacy"), "style.css": "body { color: #000; }\n"}
    return write(folder, texts | {f"{name}.html": text for name, text in pages.items()})


async def audited(root: Path, **arguments: str | int) -> SiteAudited:
    """What site_audit gives."""
    found = (await ask(root, "site_audit", **arguments)).data
    assert isinstance(found, SiteAudited)
    return found


async def test_a_sound_site_has_no_finding(tmp_path: Path) -> None:
    """Pages with everything they need are clean."""
    found = await audited(a_site(tmp_path))
    assert (found.clean, found.findings, found.pages, found.site) == (True, [], 2, ".")


@pytest.mark.parametrize(
    ("body", "rule", "severity"),
    [
        ('<a href="gone.html">Prices</a>', "broken-link", "fault"),
        ('<a href="index.html#nowhere">Prices</a>', "broken-anchor", "fault"),
        ('<img src="gone.png" alt="x" width="1" height="1">', "broken-link", "fault"),
        ('<img src="logo.svg" width="1" height="1">', "alt", "fault"),
        ('<img src="logo.svg" alt="x">', "image-size", "weak"),
        ('<img src="logo.svg" alt="x" width="2000" height="1">', "image-wide", "fault"),
        ('<img src="big.png" alt="x" width="9" height="9">', "image-heavy", "weak"),
        ("<h3>Deep</h3>", "heading-jump", "fault"),
        ("<h1>Twice</h1>", "h1", "fault"),
        ('<input name="mail" placeholder="Mail">', "label", "fault"),
        ('<form action="http://x.example"></form>', "form-http", "fault"),
        ('<a href="http://x.example">Their page</a>', "http-link", "weak"),
        ('<a href="index.html">here</a>', "link-text", "weak"),
        ('<a href="index.html"><img src="logo.svg" alt="" width="1" height="1"></a>', "link-text", "fault"),
    ],
)
async def test_each_fault_is_found_once_with_its_line(tmp_path: Path, body: str, rule: str, severity: str) -> None:
    """One thing wrong on a page is one finding, where it stands."""
    root = a_site(tmp_path, other=page("Other", body))
    (root / "logo.svg").write_text("<svg/>", encoding="utf-8")
    (root / "big.png").write_bytes(b"\x89PNG" + b"0" * 500_000)
    found = await audited(root)
    assert [(one.rule, one.severity, one.place) for one in found.findings] == [(rule, severity, "other.html:11")]


@pytest.mark.parametrize(
    "body",
    [
        '<a href="index.html#top">Up</a>', '<a href="/index.html?x=1">Home</a>',
        '<a href="mailto:a@b.example">Mail</a>',
        '<a href="https://x.example/gone">Out</a>', '<label>Mail <input name="mail"></label>',
        '<label for="m">Mail</label><input id="m" name="mail">', '<input type="hidden" name="x"><input type="submit">',
        '<img src="data:image/png;base64,AA" alt="" width="1" height="1">',
        '<a href="sub/">A folder with an index</a>', "<p>5 < 6 & unclosed <b>bold",
    ],
)  # fmt: skip
async def test_what_works_is_no_finding(tmp_path: Path, body: str) -> None:
    """Anchors, folders, addresses outside, labels around fields: all of it is fine."""
    root = a_site(tmp_path, other=page("Other", body))
    write(root, {"sub/index.html": page("Sub").replace("privacy.html", "../privacy.html")})
    assert (await audited(root)).findings == []


async def test_pages_that_contradict_each_other_are_named_together(tmp_path: Path) -> None:
    """Hours and telephone numbers that differ between pages name both places; so do doubled titles."""
    hours = "<table><tr><th>Monday</th><td>{}</td></tr></table>"
    root = a_site(
        tmp_path,
        one=page("One", hours.format("8:00 to 17:00") + '<a href="tel:+441">1</a>'),
        two=page("Two", hours.format("8:00 to 18:00") + '<a href="tel:+442">2</a>'),
        six=page("One", '<a href="tel:+441">1</a>'),
    )
    found = {one.rule: one for one in (await audited(root)).findings}
    assert found["hours-differ"].what == "Monday: 8:00 to 17:00 here, 8:00 to 18:00 in two.html:11"
    assert found["telephone-differs"].place == "two.html:11"
    assert (found["title-double"].place, found["title-double"].what[-8:]) == ("six.html:5", "one.html")


async def test_sites_are_folders_with_a_home_page(tmp_path: Path) -> None:
    """Nested index pages belong to the site around them; without a site the audit says so."""
    page_ = page("Home")
    root = write(tmp_path, {"a/index.html": page_, "a/b/index.html": page_, "c/index.html": page_, "d/x.html": page_})
    found = (await ask(root, "site_list")).data
    assert isinstance(found, Sites)
    assert found.sites == ["a", "c"]
    with pytest.raises(ToolFailed, match="holds 2 sites"):
        await ask(root, "site_audit")
    with pytest.raises(ToolFailed, match="no HTML page"):
        await ask(write(root, {"e/note.txt": "x"}), "site_audit", path="e")


def test_contrast_is_that_of_wcag() -> None:
    """Black on white is 21, equal colours are 1, and the grey that just fails fails."""
    assert round(contrast((0, 0, 0), (255, 255, 255)), 2) == 21.0
    assert contrast((9, 9, 9), (9, 9, 9)) == 1.0
    sheet = rules_of(
        ":root { --soft: #777; }\nbody { background: #fff }\n/* .x { color: #eee } */\n"
        ".a { color: var(--soft); }\n.b { color: #767676; }\n.c { color: inherit; }\n"
    )
    assert [(one.selector, one.line, one.ratio) for one in weak_contrasts(sheet, 4.5)] == [(".a", 4, 4.48)]


def test_a_focus_of_its_own_makes_up_for_a_hidden_outline() -> None:
    """Taking the outline away is fine where another rule draws the focus."""
    assert list(hidden_focus(rules_of("a { outline: none; }"))) == [("a", 1)]
    assert list(hidden_focus(rules_of("a { outline: none; }\na:focus-visible { outline: 2px solid; }"))) == []


def test_links_never_lead_out_of_the_site_unseen() -> None:
    """What has a scheme or a host is outside; a path from the root begins at the site's folder."""
    assert target_of("site", "site/a/b.html", "/c.html#x") == ("site/c.html", "x")
    assert target_of("site", "site/a/b.html", "../c%20d.html") == ("site/c d.html", "")
    assert target_of("site", "site/a.html", "//cdn.example/x.js") is None
    assert target_of("site", "site/a.html", "javascript:void(0)") is None


@given(st.text(alphabet=st.sampled_from("<>/=\"'ahimglt1 \n!-&;{}:#%"), max_size=200))
def test_no_page_and_no_sheet_breaks_the_reader(text: str) -> None:
    """Any text at all is a page and a style sheet, maybe an empty one."""
    found = read_page("x.html", text)
    lines = [*(one.line for one in found.links), *(one.line for one in found.images)]
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
    assert all(rule.line >= 1 for rule in rules_of(text))


async def test_a_site_that_never_ends_a_tag_or_a_sheet_is_read_all_the_same(tmp_path: Path) -> None:
    """Twenty thousand open links and a style sheet on one line are work for seconds, not for minutes."""
    root = a_site(tmp_path, wild=page("Wild", '<a href="index.html">x ' * 20_000))
    (root / "wild.css").write_text("a{color:#777}\n" * 5_000 + "b{color:#000}" * 20_000, encoding="utf-8")
    found = await audited(root)
    assert found.rules["contrast"] == 5_000
    assert len(found.findings) == 500
