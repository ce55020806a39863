"""The vocabulary of Nova as values. Standard library only; knows no file, no database, no model."""
