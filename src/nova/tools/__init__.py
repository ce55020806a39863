"""What agents can do: each tool a value with a description, typed arguments and one function."""
