"""Writes docs/reference from the code, so that the two cannot differ. `python -m docs.generator` writes the pages."""
