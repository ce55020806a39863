"""A Django project's models read from its source alone. Nothing of the project is ever imported or executed."""
