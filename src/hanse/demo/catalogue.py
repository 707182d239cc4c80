"""What can a channel hold and sell? The levels, competencies, certificates and solutions of an edition.

Read with plain YAML, so that a channel can be made for an edition which is still being written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hanse.language.problems import CallError, Problem


@dataclass(frozen=True)
class Competency:
    """A competency by its name, with the facts that count for it.

    An old certificate stands with the new one that it counts as. Certificates beginning with M (mastery), or
    with "sales" in their name, prove sales skills, the others technical ones.
    """

    name: str
    certificates: tuple[str, ...]
    solutions: tuple[str, ...]
    old_certificates: tuple[tuple[str, str], ...] = ()

    def skills(self, *, sales: bool) -> tuple[str, ...]:
        """The certificates that prove sales (or technical) skills; all of them where none does."""
        return tuple(one for one in self.certificates if _is_sales(one) is sales) or self.certificates

    def old_skills(self, *, sales: bool) -> tuple[str, ...]:
        """The old certificates that prove sales (or technical) skills; there may be none."""
        return tuple(dict.fromkeys(old for old, new in self.old_certificates if _is_sales(new) is sales))


@dataclass(frozen=True)
class Catalogue:
    """What the generator needs to know of an edition.

    Levels stand from low to high; every competency has at least one certificate and one solution.
    """

    levels: tuple[str, ...]
    competencies: tuple[Competency, ...]
    programme: str = "programme"
    requirements: tuple[str, ...] = ("revenue",)  # names that a waiver may have as its subject
    benefits: tuple[str, ...] = ("vouchers",)  # those used up in a period; the first is used most
    attestations: tuple[str, ...] = ()  # names that the edition's requirements ask humans for
    worthless: tuple[str, ...] = ("000-910", "000-925", "000-951")  # old certificates without a counterpart


def catalogue_of(edition_folder: Path) -> Catalogue:
    """Read an edition's catalogue.

    A competency that counts no certificate (or solution) of its own is given one of its own name. Raises
    CallError where the folder has no programme.yaml or competencies.yaml.
    """
    programme = _read(edition_folder, "programme.yaml", required=True)
    competencies = _read(edition_folder, "competencies.yaml", required=True).get("competencies") or {}
    credits = _read(edition_folder, "transition.yaml").get("credits") or []
    levels, benefits = _read(edition_folder, "levels.yaml"), _read(edition_folder, "benefits.yaml")
    if not competencies:
        raise CallError(
            Problem(
                str(edition_folder / "competencies.yaml"),
                "no competency is there",
                "a channel is made around the competencies its partners pursue",
                "add `competencies:` with at least one entry, or name another edition",
            )
        )
    named = set(programme.get("levels") or {})
    asked = [name for level, node in levels.items() if level in named for name in _asked(node)]
    return Catalogue(
        levels=tuple(str(level) for level in programme.get("levels") or ["registered"]),
        competencies=tuple(_competency(name, entry or {}, credits) for name, entry in competencies.items()),
        programme=str(programme.get("programme", edition_folder.parent.name)),
        requirements=tuple(dict.fromkeys(name for kind, name in asked if kind == "metric")) or ("revenue",),
        benefits=tuple(name for name, entry in benefits.items() if "period" in (entry or {})) or ("vouchers",),
        attestations=tuple(dict.fromkeys(name for kind, name in asked if kind == "human")),
    )


def _competency(name: str, entry: Mapping[str, Any], credits: Sequence[Mapping[str, Any]]) -> Competency:
    counts = entry.get("counts") or {}
    certificates = tuple(map(str, counts.get("certificate") or [f"{name}-certificate"]))
    old = [(str(row["certificate"]), str(row["counts_as"])) for row in credits if "certificate" in row]
    return Competency(
        name=str(name),
        certificates=certificates,
        solutions=tuple(map(str, counts.get("solution") or [name])),
        old_certificates=tuple(pair for pair in old if pair[1] in certificates),
    )


def _is_sales(certificate: str) -> bool:
    return certificate.startswith("M") or "sales" in certificate.lower()


def _asked(node: Any) -> Iterator[tuple[str, str]]:
    """The metrics (entries with a comparison) and the humans that a requirement names, at any depth."""
    if isinstance(node, list):
        for part in node:
            yield from _asked(part)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "human":
                yield "human", str(value)
            elif isinstance(value, dict) and {"at_least", "above", "is", "equals", "between"} & set(value):
                yield "metric", str(key)
            else:
                yield from _asked(value)


def _read(folder: Path, name: str, *, required: bool = False) -> dict[str, Any]:
    """A YAML file of the edition as a mapping; an absent optional one is empty."""
    path = folder / name
    if not path.is_file():
        if required:
            raise CallError(
                Problem(str(path), "there is no such file", "an edition has it", "name the folder of an edition")
            )
        return {}
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
