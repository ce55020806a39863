"""Durable runs whose processes are killed: what is lost, what is done twice, and how soon it goes on."""
