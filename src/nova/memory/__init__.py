"""What Nova keeps beyond one conversation: notes and episodes, recalled within a budget, checked, and forgotten."""
