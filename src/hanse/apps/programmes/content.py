"""What are the files of an edition, and which hashes name them?

A version keeps all that makes an edition judge as it does: its rules, its cases and its README. Whatever else lies in
the folder is not part of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from hanse.language.edition import rule_files

_README = "README.md"


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of an edition by their path in its folder."""
    paths = [*rule_files(folder), *sorted((folder / "cases").glob("*.yaml"))]
    if (folder / _README).is_file():
        paths.append(folder / _README)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def cases_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the cases and the README, by name, as the rules are hashed."""
    return _hash({path: content for path, content in files.items() if not is_rule(path)})


def rules_hash(files: Mapping[str, bytes]) -> str:
    """The hash that names the rules in every run: `language.edition.content_hash` of the folder they came from."""
    return _hash({path: content for path, content in files.items() if is_rule(path)})


def is_rule(path: str) -> bool:
    """Whether a file decides, and does not only test or tell."""
    return path != _README and not path.startswith("cases/")


def unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes the files into a new folder."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _hash(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda p: PurePosixPath(p).parts):
        digest.update(path.encode() + b"\0" + files[path] + b"\0")
    return digest.hexdigest()
