"""All tools of a running Nova by name: those that stand alone, and those that need what is above them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from nova.briefing.tool import project_brief
from nova.tools.registry import toolbox
from nova.tools.spec import Tool


@cache
def all_tools() -> Mapping[str, Tool]:
    """Every tool that an agent may be given."""
    brief = project_brief()
    return MappingProxyType({**toolbox(), brief.name: brief})
