"""The built-in model: no key, no download. Finds facts with an agent's tools and answers by quoting them."""

from nova.models.extractive.model import NAME, ExtractiveModel

__all__ = ["NAME", "ExtractiveModel"]
