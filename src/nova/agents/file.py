"""The shape of an agent file's front matter as pydantic reads it; its descriptions go into the editors' schema."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from nova.projects.file import Kind
from nova.settings.check import FileModel
from nova.settings.file import Name

Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=1000)]
Example: TypeAlias = Annotated[str, Field(min_length=1, max_length=1000)]


class BoundaryFile(FileModel):
    """Something this agent leaves to another."""

    what: Line = Field(description="What it does not do, as a noun phrase.")
    who: Name = Field(description="The agent that does it instead.")


class LimitsFile(FileModel):
    """What one run of this agent may use at most; nova.toml may set lower limits for all."""

    model_calls: int = Field(default=8, ge=1, le=1000, description="Calls of a model.")
    tool_calls: int = Field(default=16, ge=0, le=10_000, description="Calls of tools.")
    tokens: int = Field(default=40_000, ge=100, le=100_000_000, description="Tokens sent and received.")
    seconds: float = Field(default=120.0, gt=0, le=86_400, description="Wall time.")


class NovaKeys(FileModel):
    """Nova's own keys of an agent."""

    domain: Name = Field(default="general", description="The group it is listed under.")
    kinds: list[Kind] = Field(
        default=[], max_length=20, description="Project kinds it serves; [] means any project, or none."
    )
    reason: str = Field(default="", max_length=2000, description="Why it exists apart from its neighbours.")
    generates: str = Field(
        default="",
        max_length=200,
        description="What a model must write (“a translation”); empty when facts are enough.",
    )
    not_for: list[BoundaryFile] = Field(
        default=[], max_length=50, description="Boundaries, each with who does it instead."
    )
    examples: list[Example] = Field(default=[], max_length=500, description="Requests as the owner would type them.")
    failure_modes: list[Line] = Field(default=[], max_length=50, description="How it goes wrong, and its remedy.")
    needs: list[Literal["profile", "project", "conversation", "notes", "episodes"]] = Field(
        default=["profile", "project", "conversation", "notes"], max_length=5, description="What is put before it."
    )
    handoffs: list[Name] = Field(default=[], max_length=50, description="Agents it may pass work on to.")
    reads_private: bool = Field(default=False, description="It may read files of projects.")
    sees_untrusted: bool = Field(default=False, description="It may be shown text by strangers.")
    acts_outside: bool = Field(default=False, description="It may change things outside the home.")
    supervised: bool = Field(default=False, description="Its result is a proposal that the owner reviews.")
    visitors: bool = Field(default=False, description="Visitors of the public website reach it.")
    limits: LimitsFile = Field(default=LimitsFile(), description="What one run may use at most.")
    evals: list[Line] = Field(default=[], max_length=100, description="Files of evaluation cases.")


class AgentFile(FileModel):
    """Front matter of an agent: agents/NAME.md in a home or in the catalog. The body holds the instructions."""

    name: Name = Field(description="Name of the agent; the file is called the same.")
    description: str = Field(
        min_length=1, max_length=2000, description="What it does, in positive words with the nouns a person would use."
    )
    tools: list[Annotated[str, Field(min_length=1)]] = Field(
        default=[], max_length=100, description="Tools it may call; without this key, none."
    )
    model: Literal["quick", "strong"] = Field(default="quick", description="The role of nova.toml whose models answer.")
    skills: list[Name] = Field(default=[], max_length=50, description="Skills it uses.")
    max_turns: int = Field(default=8, ge=1, le=1000, description="Times the model may speak in one run.")
    nova: NovaKeys = Field(default=NovaKeys(), description="Keys that only Nova knows.")
