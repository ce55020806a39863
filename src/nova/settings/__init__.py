"""Nova's text files as values: where they lie, how they are read, what nova.toml says. Refuses to act on any of it."""
