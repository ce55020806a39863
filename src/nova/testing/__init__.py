"""What tests use: a scripted model, and a whole Nova on a temporary home. Shipped, for your own tests too."""

from nova.testing.scripted import Call, Fault, Say, ScriptedModel

__all__ = ["Call", "Fault", "Say", "ScriptedModel"]
