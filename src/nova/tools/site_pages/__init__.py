"""The pages of a hand-made website read from its files, and what is wrong with them. Nothing is fetched or run."""
