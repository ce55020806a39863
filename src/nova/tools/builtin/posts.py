"""Tools for posts of a site: what is there on a topic, a file for a draft, and what the style guide would say to it.

Knows files with front matter; refuses to write a sentence of its own into a post. Nothing here changes a file.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from pydantic import Field

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.text import printable, shorten
from nova.models.words import words
from nova.projects.sources.files import Content, read_named
from nova.projects.sources.frontmatter import front_matter
from nova.tools.beneath import files
from nova.tools.post_rules import Rules, breaches
from nova.tools.search import search
from nova.tools.spec import Arguments, Data, Reach, ResultLine, ToolResult, reading, result

POSTS_MAX = 500
TEXT_CHARACTERS_MAX = 400_000
POINTS_MAX = 12
RELATED_MAX = 5
SCORE_SHARE = 0.2  # of the best line's score that another line must have to be on the topic
_POSTS = re.compile(r"(?:^|/)_?posts?/[^/]+\.(?:md|markdown)$", re.IGNORECASE)
_DRAFTS = re.compile(r"(?:^|/)_?drafts?/[^/]+\.(?:md|markdown)$", re.IGNORECASE)
_FRONT = re.compile(r"(?:title|date|tags|summary|draft|slug):", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z]+ [\w.,;()/’– -]*[\w.)]")  # two words or more: no number, no yes or no
_MARKS = re.compile(r"^[\s>#*+-]+|[`*_]")
NOBODY_WROTE = (
    "<!-- Nobody has written this post yet: no language model is configured. Below stands what was found on the topic, "
    "word for word and with its place. A model from a provider would write the paragraphs. -->"
)


class PostMaterial(Arguments):
    """Arguments of post_material."""

    topic: str = Field(min_length=3, description="What the post is about, in a few words.")


class PostPoint(Data):
    """One line that was found. kind: idea, draft, post or page; place: path:line."""

    kind: str
    text: str
    place: str


class RelatedPost(Data):
    """A post or draft that is near the topic."""

    title: str
    summary: str
    path: str
    published: bool


class PostSection(Data):
    """A part of an outline: what it is for, and what was found for it."""

    heading: str
    points: list[str]


class Material(Data):
    """What a site holds on a topic. idea: the line that asked for this post, or empty; tags: those of related posts.

    outline: an order to write in, made of what was found; known_tags: of all posts, most used first.
    """

    topic: str
    idea: str
    idea_place: str
    points: list[PostPoint]
    related: list[RelatedPost]
    outline: list[PostSection]
    tags: list[str]
    known_tags: list[str]


class PostFile(Arguments):
    """Arguments of post_file. body empty: nobody has written it, and the file says so."""

    topic: str = Field(min_length=3, description="What the post is about.")
    title: str = Field(default="", description="Title; empty: the topic.")
    summary: str = Field(default="", description="One sentence for lists of posts.")
    tags: list[str] = Field(default=[], description="Tags of the front matter.")
    body: str = Field(default="", description="The text in Markdown, without front matter.")
    found: list[str] = Field(default=[], description="Lines with their places, for a file that nobody has written.")


class PostWritten(Data):
    """A file for the drafts. name: of the file; words: of its prose; written: false where it holds only findings."""

    name: str
    content: str
    words: int
    written: bool


class PostCheck(Arguments):
    """Arguments of post_check: a post, and the numbers of the style guide."""

    content: str = Field(description="The whole file, with its front matter.")
    words_min: int = Field(default=250, ge=0, description="Least number of words.")
    words_max: int = Field(default=900, ge=1, description="Most words of its prose.")
    sentence_words_max: int = Field(default=40, ge=1, description="Longest sentence, in words.")
    average_words_max: int = Field(default=20, ge=1, description="Words a sentence on average.")
    summary_characters_max: int = Field(default=160, ge=1, description="Longest summary.")
    tags_max: int = Field(default=4, ge=0, description="Most tags of a post.")
    tags: list[str] = Field(default=[], description="Tags that are allowed; empty for any.")
    unwanted: list[str] = Field(default=[], description="Words that are not wanted.")
    code_lines_max: int = Field(default=15, ge=1, description="Longest block of code.")
    headings_from_words: int = Field(default=0, ge=0, description="Headings only in posts of so many words.")


class PostBreach(Data):
    """One rule that is not kept. line: of the file, 0 for the whole."""

    rule: str
    line: int
    what: str


class PostChecked(Data):
    """What the style guide says. clean: nothing."""

    clean: bool
    breaches: list[PostBreach]


def _material(given: PostMaterial, reach: Reach) -> ToolResult:
    names = [name for name in files(reach) if name.casefold().endswith((".md", ".markdown"))]
    posts = [name for name in names if _POSTS.search(name) or _DRAFTS.search(name)][-POSTS_MAX:]
    if not posts:
        raise ToolFailed("The project has no folder with posts or drafts.", "This works in a site made of Markdown.")
    hits = search(reach, names, given.topic).hits
    least = SCORE_SHARE * hits[0].score if hits else 0.0
    chosen = [one for one in hits if one.score >= least and _telling(one.text, given.topic)][:POINTS_MAX]
    points = [PostPoint(kind=_kind(one.path), text=_plain(one.text), place=f"{one.path}:{one.line}") for one in chosen]
    near = _related(reach, posts, given.topic)
    idea = next((one for one in points if one.kind == "idea"), None)
    found = Material(
        topic=given.topic,
        idea=idea.text if idea else "",
        idea_place=idea.place if idea else "",
        points=points,
        related=[post for post, _ in near],
        outline=_outline(given.topic, idea, points, [post for post, _ in near]),
        tags=list(dict.fromkeys(tag for _, tags in near for tag in tags))[:3],
        known_tags=_tags(reach, posts),
    )
    counted = f"{len(points)} {'line' if len(points) == 1 else 'lines'}"
    headline = (
        f"{counted} and {len(near)} related {'post' if len(near) == 1 else 'posts'} on “{shorten(given.topic, 80)}”."
    )
    lines = [
        ResultLine(text=f"{point.kind}: {point.text}", citation=Citation(path=hit.path, line=hit.line))
        for point, hit in zip(points, chosen, strict=True)
    ]
    lines += [
        ResultLine(text=f"related: {post.title} — {post.summary}", citation=Citation(path=post.path, line=1))
        for post in found.related
    ]
    return result(headline, lines, reach, data=found)


def _telling(text: str, topic: str) -> bool:
    wanted = frozenset(words(topic))
    return (
        len(_plain(text)) > 20
        and not _FRONT.match(text)
        and len(wanted & frozenset(words(text))) >= min(2, len(wanted))
    )


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub("", text).split())


def _kind(path: str) -> str:
    if _DRAFTS.search(path):
        return "draft"
    if _POSTS.search(path):
        return "post"
    return "idea" if "idea" in PurePosixPath(path).name.casefold() else "page"


def _related(reach: Reach, posts: Sequence[str], topic: str) -> list[tuple[RelatedPost, list[str]]]:
    """The posts that hold most words of the topic, the title counting twice; none that holds fewer than two."""
    wanted = frozenset(words(topic))
    found: list[tuple[int, RelatedPost, list[str]]] = []
    for name in posts:
        front, body = _read(reach, name)
        head = frozenset(words(f"{front.get('title', '')} {front.get('summary', '')}"))
        score = 2 * len(wanted & head) + len(wanted & frozenset(words(body)))
        if score >= min(2, len(wanted)):
            post = RelatedPost(
                title=front.get("title", PurePosixPath(name).stem), summary=front.get("summary", ""), path=name,
                published=not _DRAFTS.search(name),
            )  # fmt: skip
            found.append((score, post, _split(front.get("tags", ""))))
    best = sorted(found, key=lambda one: (-one[0], one[1].path))[:RELATED_MAX]
    return [(post, tags) for _, post, tags in best]


def _read(reach: Reach, name: str) -> tuple[dict[str, str], str]:
    content: Content = read_named(reach.root, name)
    front, body_line = front_matter(content.lines)
    return front, "\n".join(content.lines[body_line - 1 :])


def _split(tags: str) -> list[str]:
    return [tag.strip() for tag in tags.split(",") if tag.strip()]


def _tags(reach: Reach, posts: Sequence[str]) -> list[str]:
    counts: dict[str, int] = {}
    for name in posts:
        for tag in _split(_read(reach, name)[0].get("tags", "")):
            counts[tag] = counts.get(tag, 0) + 1
    return sorted(counts, key=lambda tag: (-counts[tag], tag))


def _outline(
    topic: str, idea: PostPoint | None, points: Sequence[PostPoint], related: Sequence[RelatedPost]
) -> list[PostSection]:
    """An order to write in; every point is a line that stands somewhere, none is invented."""
    drafts = [f"{one.title} ({one.path})" for one in related if not one.published]
    drafted = [f"{one.text} ({one.place})" for one in points if one.kind == "draft"] or drafts
    pages = [f"{one.text} ({one.place})" for one in points if one.kind == "page"]
    told = [f"{one.text} ({one.place})" for one in points if one.kind == "post"]
    links = [f"{one.title} ({one.path})" for one in related if one.published]
    first = f"{idea.text} ({idea.place})" if idea else topic
    sections = [
        PostSection(heading="The one idea, for the first paragraph", points=[first]),
        PostSection(heading="What is drafted already", points=drafted),
        PostSection(heading="What other pages say", points=pages),
        PostSection(heading="What earlier posts said, to link and not to repeat", points=told or links),
    ]
    return [one for one in sections if one.points]


def _file(given: PostFile, reach: Reach) -> ToolResult:
    title = _line(given.title) or _line(given.topic)
    body = given.body.strip() or _unwritten(given)
    front = [
        "---", f"title: {_scalar(title)}", "date:", f"tags: [{', '.join(given.tags)}]",
        f"summary: {_scalar(_line(given.summary))}".rstrip(), "---",
    ]  # fmt: skip
    content = "\n".join([*front, "", body]) + "\n"
    count = len(body.split()) if given.body.strip() else 0
    data = PostWritten(name=f"{slug(title)}.md", content=content, words=count, written=bool(given.body.strip()))
    said = f"a draft of {count} words" if count else "findings only, nobody has written it"
    lines = [ResultLine(text=line) for line in content.split("\n") if line.strip()]
    return result(f"{data.name}: {said}.", lines, reach, data=data)


def _line(text: str) -> str:
    return " ".join(printable(text).split())


def _unwritten(given: PostFile) -> str:
    parts = [NOBODY_WROTE, "", f"To say: {given.topic.strip()}"]
    if given.found:
        parts += ["", "Found in the files:", "", *(f"- {one}" for one in given.found)]
    return "\n".join([*parts, "", "Missing: the first paragraph, what was measured or seen, and the end."])


def _scalar(text: str) -> str:
    """A text as YAML takes it on one line: as it is where it is plain words, else in quotes."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False) if text else ""


def slug(title: str) -> str:
    """A file name's stem: plain letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "post"


def _check(given: PostCheck, reach: Reach) -> ToolResult:
    rules = Rules(
        words_min=given.words_min, words_max=given.words_max, sentence_words_max=given.sentence_words_max,
        average_words_max=given.average_words_max, summary_characters_max=given.summary_characters_max,
        tags_max=given.tags_max, code_lines_max=given.code_lines_max, headings_from_words=given.headings_from_words,
        tags=frozenset(given.tags), unwanted=given.unwanted,
    )  # fmt: skip
    found = breaches(given.content, rules)
    noun = "rule is" if len(found) == 1 else "rules are"
    headline = f"{len(found)} {noun} not kept." if found else "It keeps every rule that can be counted."
    lines = [ResultLine(text=f"line {one.line}: {one.what}" if one.line else one.what) for one in found]
    data = PostChecked(
        clean=not found, breaches=[PostBreach(rule=one.rule, line=one.line, what=one.what) for one in found]
    )
    return result(headline, lines, reach, data=data)


_FIND = reading(
    "post_material",
    "Gathers what a site's own files hold on a topic for a new post: the idea, drafts, related posts, tags, and an "
    "outline made of it.",
    PostMaterial, _material, output=Material,
)  # fmt: skip
_PUT = reading(
    "post_file",
    "Puts a title, a summary, tags and a text together as the file of a draft; without a text it says that nobody has "
    "written it.",
    PostFile, _file, output=PostWritten,
)  # fmt: skip
_HOLD = reading(
    "post_check",
    "Holds a post against the numbers of a style guide: length, sentences, summary, tags, unwanted words, gaps.",
    PostCheck, _check, output=PostChecked,
)  # fmt: skip
TOOLS = (_FIND, *(replace(tool, characters_max=TEXT_CHARACTERS_MAX) for tool in (_PUT, _HOLD)))
