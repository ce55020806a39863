"""Plans and pipelines: read, checked, walked durably, started by people, clocks and events."""
