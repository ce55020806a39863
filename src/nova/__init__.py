"""Nova: a coordinator, 34 specialists and a record that explains every decision."""

__version__ = "0.1.0"
