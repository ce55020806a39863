"""The nova command: one file a noun. Knows words and screens; everything it does is a call into app."""
