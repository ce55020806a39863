"""nova migrate-database: a home's store from its SQLite file to PostgreSQL, shown table by table."""

from __future__ import annotations

from nova.cli import frame
from nova.core.json import Json


def migrate(to: str, *, as_json: bool) -> None:
    """Moves the store and says where it is now. Raises BadInput, NotReady, StoreError; then nothing was changed."""
    from nova.app.moving import move

    with frame.opened() as nova:
        old = nova.home.database
        done = move(nova, to, _silent if as_json else _shown)
    rows = {name: count for name, count in done.moved.rows.items() if count}
    if as_json:
        counts: dict[str, Json] = dict(rows)
        again = done.moved.again
        frame.out_json(
            {"place": done.place, "database_url": done.reference, "rows": counts, "queued": done.moved.queued,
             "again": again}
        )  # fmt: skip
        return
    whole = f"{sum(rows.values()):,} rows of {len(rows)} tables"
    if done.moved.again:
        frame.out(f"{whole} had been moved to {done.place} before; nova.toml says so now.")
    else:
        frame.out(f"{whole} are in {done.place}, each compared with its original.")
    if done.moved.queued:
        frame.out(f"{done.moved.queued} runs wait there for a worker: nova worker")
    frame.out(
        f"nova.toml reads the address from {done.reference}. The old file {old} is as it was; keep it as a backup."
    )


def _shown(table: str, done: int, count: int) -> None:
    if count and done in (0, count):
        frame.note_dim(f"  {table}: {done:,} of {count:,}" if done else f"  {table}: {count:,} rows")


def _silent(_table: str, _done: int, _count: int) -> None:
    """With --json there is nothing to see but the end."""
