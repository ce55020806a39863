"""How well, and at what cost, what was said is found again: through Nova's own store and recall, with no model."""
