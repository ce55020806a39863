"""What Nova measures about itself: each package runs as `python -m benchmarks.NAME` and prints its figures."""
