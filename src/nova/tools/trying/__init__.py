"""How a project's own tests are run and understood."""
