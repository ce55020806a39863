"""Where each effort stands: left off, next, open, decided, waiting, changed. Reads the record, notes and git."""
