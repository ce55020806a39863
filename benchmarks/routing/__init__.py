"""How well requests find their agent: accuracy, honesty of the zones, requests that span agents, cost."""
