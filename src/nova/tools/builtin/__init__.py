"""The tools that come with Nova, one file per subject."""
