"""Suppliers' price lists against a catalogue: how amounts and rows are read, and which rows a person must see."""
