"""What a project's own history says, made into notes without a model. Refuses to keep them: see nova.memory.notes."""
