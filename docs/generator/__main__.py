"""Writes every page of docs/reference: `python -m docs.generator` at the root of the checkout."""

from __future__ import annotations

from docs.generator.pages import REFERENCE, pages

if __name__ == "__main__":
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
        print(f"{REFERENCE.name}/{name}: {len(text.splitlines())} lines")
