"""A project's own history read into values: git, decisions, issues, comments. Refuses to know what is made of it."""
