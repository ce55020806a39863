"""`python -m nova`: the same as the nova command."""

from nova.cli.main import run

run()
