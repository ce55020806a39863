"""The migrations, run by nova.store.migrate on a connection that is already in a transaction."""
