"""The owner's parallel efforts: what a project is and where its parts lie. Refuses to look into them (see sources)."""
