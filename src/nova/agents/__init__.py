"""The specialists: what they are, how they are read, judged, and run. Refuses to choose between them."""
