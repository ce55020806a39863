"""What Nova costs a machine: `python -m benchmarks.footprint [--venv FOLDER] [--json]`.

Measures the default install from outside, with the interpreter of that environment: processor time of `nova --help`
and of a warm `nova ask` with the built-in model, peak memory, disk, packages. Makes no install (./nova doctor does).
MB are 1,000,000 bytes; disk is what the files occupy in blocks, hard links counted once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "footprint.json"
MB = 1_000_000
REPEATS = 5
QUESTION = ("ask", "--project", "airep", "Which fields does the Invoice model have?")
_PREPARE = """\
import sys; from pathlib import Path
from nova.app.demo import prepare; from nova.settings.home import Home, find_home
root = Path(sys.argv[1]); prepare(Home(root=root, data=root / ".nova", cache=find_home().cache), lambda _: None)
"""
_ENCODER = "from nova.settings.home import find_home; print(find_home().encoder)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One figure and what it may be at most."""

    name: str
    unit: str
    value: float
    at_most: float

    @property
    def holds(self) -> bool:
        """Whether the figure is within its bar."""
        return self.value <= self.at_most


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process used, with the children it waited for."""

    cpu_seconds: float
    rss_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What lies on the disk. largest: the five largest packages and the encoder apart, in MB."""

    environment_mb: float
    encoder_mb: float
    packages: int
    largest: Mapping[str, float]


def main(arguments: list[str]) -> int:
    """Measures and prints. 0 when every bar holds, 1 when one is missed, 2 when there is nothing to measure."""
    asked = _parser().parse_args(arguments)
    python = asked.venv / "bin" / "python"
    if not python.is_file():
        sys.stderr.write(f"There is no environment in {asked.venv}. Make it: ./nova doctor\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="nova-footprint-") as folder:
        home = Path(folder) / "home"
        _output([str(python), "-c", _PREPARE, str(home)])
        help_cost = _measure(python, ("--help",), home)
        ask_cost = _measure(python, QUESTION, home)
    installed = _installed(asked.venv, Path(_output([str(python), "-c", _ENCODER]).strip()))
    bars = _bars(help_cost, ask_cost, installed)
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": _output([str(python), "-c", "import platform; print(platform.python_version())"]).strip(),
        "bars": [{**asdict(bar), "holds": bar.holds} for bar in bars],
        "environment_mb": round(installed.environment_mb, 1),
        "encoder_mb": round(installed.encoder_mb, 1),
        "largest_mb": {name: round(size, 1) for name, size in installed.largest.items()},
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result) + "\n" if asked.json else _table(bars, installed))
    return 0 if all(bar.holds for bar in bars) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.footprint", description="What Nova costs a machine.")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="the environment to measure")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    return parser


def _bars(help_cost: Cost, ask_cost: Cost, installed: Installed) -> list[Bar]:
    disk = installed.environment_mb + installed.encoder_mb
    rss = max(help_cost.rss_mb, ask_cost.rss_mb)
    return [
        Bar(name="nova --help, processor time", unit="s", value=round(help_cost.cpu_seconds, 3), at_most=0.25),
        Bar(name="nova ask (warm), processor time", unit="s", value=round(ask_cost.cpu_seconds, 3), at_most=2.5),
        Bar(name="peak memory of nova ask", unit="MB", value=round(rss, 1), at_most=300),
        Bar(name="disk, encoder included", unit="MB", value=round(disk, 1), at_most=260),
        Bar(name="packages", unit="", value=installed.packages, at_most=60),
    ]


def _measure(python: Path, arguments: tuple[str, ...], home: Path) -> Cost:
    """The median of five runs, after one that fills the caches."""
    costs = [_run([str(python), "-m", "nova", *arguments], home) for _ in range(REPEATS + 1)][1:]
    return Cost(
        cpu_seconds=median(cost.cpu_seconds for cost in costs),
        rss_mb=max(cost.rss_mb for cost in costs),
    )


def _run(command: list[str], home: Path) -> Cost:
    environment = {**_plain_environment(), "NOVA_HOME": str(home)}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, cwd=home)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            text = said.read(2000).decode("utf-8", "replace")
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{text}")
    kilobyte = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes
    return Cost(cpu_seconds=usage.ru_utime + usage.ru_stime, rss_mb=usage.ru_maxrss * kilobyte / MB)


def _plain_environment() -> dict[str, str]:
    """This process's variables without those that would lead the measured interpreter elsewhere."""
    away = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "NOVA_HOME"}
    return {name: value for name, value in os.environ.items() if name not in away}


def _output(command: list[str]) -> str:
    return subprocess.run(command, env=_plain_environment(), capture_output=True, text=True, check=True).stdout


def _installed(venv: Path, encoder: Path) -> Installed:
    [site] = venv.glob("lib/python*/site-packages")
    sizes = _package_sizes(site)
    largest = {name: size / MB for name, size in sizes.most_common(5)}
    return Installed(
        environment_mb=_disk([venv]) / MB,
        encoder_mb=_disk([encoder]) / MB if encoder.is_dir() else 0.0,
        packages=sum(1 for _ in site.glob("*.dist-info")),
        largest=largest,
    )


def _package_sizes(site: Path) -> Counter[str]:
    """Bytes on disk by package: what its RECORD names in site-packages, compiled modules included."""
    sizes: Counter[str] = Counter()
    for info in sorted(site.glob("*.dist-info")):
        record = (info / "RECORD").read_text(encoding="utf-8").splitlines()
        files = [line.rsplit(",", 2)[0].strip('"') for line in record]
        tops = {file.split("/", 1)[0] for file in files if not file.startswith(("..", "/"))}
        sizes[info.name.split("-", 1)[0]] = _disk([site / top for top in tops])
    return sizes


def _disk(places: Iterable[Path]) -> int:
    """Bytes that the blocks of all files below occupy; links are not followed, hard links count once."""
    seen: dict[tuple[int, int], int] = {}
    for place in places:
        for path in [place, *place.rglob("*")]:
            if path.exists() and not path.is_symlink():
                status = path.stat()
                seen[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(seen.values())


def _table(bars: list[Bar], installed: Installed) -> str:
    lines = [
        f"{bar.name:<34}{bar.value:>9g} {bar.unit:<3} at most {bar.at_most:g} {bar.unit:<3}"
        f"{'holds' if bar.holds else 'MISSED'}"
        for bar in bars
    ]
    largest = ", ".join(f"{name} {size:.0f}" for name, size in installed.largest.items())
    lines.append(f"largest packages (MB): {largest}; encoder {installed.encoder_mb:.0f}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
