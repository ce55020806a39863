"""Copies of a project on branches of Nova's own, where a change can be made and tried without touching the owner's."""
