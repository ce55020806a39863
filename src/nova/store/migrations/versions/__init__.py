"""One file per version, oldest first; never changed once released."""
