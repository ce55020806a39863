"""Alembic's entry: takes the connection it is given, inside the transaction it is given, and nothing else."""

from alembic import context

from nova.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
