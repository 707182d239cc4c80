"""Is an edition's catalogue read as it stands, and does the command line make a channel of it?"""

import subprocess
import sys
from pathlib import Path

import pytest

from demo.made import asker
from hanse.demo.catalogue import Competency, catalogue_of
from hanse.demo.command import edition_folder
from hanse.language.problems import CallError

FILES = {
    "programme.yaml": "programme: guild\nlevels: {apprentice: {en: Apprentice}, master: {en: Master}}\n",
    "competencies.yaml": """
competencies:
  masonry: {counts: {certificate: [C-1, M-1], solution: [walls, arches]}}
  carpentry:
""",
    "levels.yaml": """
master:
  all_of:
    - masterpieces: {at_least: 1, clause: "3"}
    - any_of: [{human: elders, kind: vote}, {level: apprentice}]
    - paths: {long: {all_of: [years: {above: 7}]}}
""",
    "transition.yaml": """
credits:
  - {certificate: OLD-1, counts_as: M-1}
  - {certificate: OLD-9, counts_as: other}
""",
    "benefits.yaml": """
seal: {quantity: {master: 1}}
candles: {quantity: {apprentice: 2}, period: calendar year}
""",
}


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """A small edition on disk."""
    folder = tmp_path / "guild" / "1370"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_catalogue_is_read(edition: Path) -> None:
    catalogue = catalogue_of(edition)
    assert catalogue.programme == "guild"
    assert catalogue.levels == ("apprentice", "master")
    assert catalogue.competencies == (
        Competency("masonry", ("C-1", "M-1"), ("walls", "arches"), (("OLD-1", "M-1"),)),
        Competency("carpentry", ("carpentry-certificate",), ("carpentry",)),
    )
    assert catalogue.requirements == ("masterpieces", "years")
    assert catalogue.attestations == ("elders",)
    assert catalogue.benefits == ("candles",)


def test_certificates_prove_sales_or_technical_skills(edition: Path) -> None:
    masonry, carpentry = catalogue_of(edition).competencies
    assert masonry.skills(sales=True) == ("M-1",)
    assert masonry.skills(sales=False) == ("C-1",)
    assert masonry.old_skills(sales=True) == ("OLD-1",)
    assert masonry.old_skills(sales=False) == ()
    assert carpentry.skills(sales=True) == carpentry.skills(sales=False) == ("carpentry-certificate",)


@pytest.mark.parametrize("missing", ["programme.yaml", "competencies.yaml"])
def test_a_folder_that_is_no_edition_is_refused(edition: Path, missing: str) -> None:
    (edition / missing).unlink()
    with pytest.raises(CallError, match=f"{missing}: there is no such file"):
        catalogue_of(edition)


def test_an_edition_without_competencies_is_refused(edition: Path) -> None:
    (edition / "competencies.yaml").write_text("competencies:\n", encoding="utf-8")
    with pytest.raises(CallError, match="no competency is there"):
        catalogue_of(edition)


def test_the_shipped_programme_has_44_competencies() -> None:
    catalogue = catalogue_of(edition_folder("partnerworld/2017"))
    assert len(catalogue.competencies) == 44
    assert catalogue.levels == ("registered", "silver", "gold", "platinum")
    assert all(len(one.skills(sales=True)) < len(one.certificates) for one in catalogue.competencies)


def test_the_command_makes_a_channel(edition: Path, tmp_path: Path) -> None:
    words = ["--partners", "40", "--seed", "3", "--out", str(tmp_path / "channel"), "--edition", str(edition)]
    done = subprocess.run([sys.executable, "-m", "hanse.demo", *words], check=True, capture_output=True, text=True)
    assert "40 partners, 13 tables" in done.stdout
    assert done.stderr == ""
    solutions = "SELECT DISTINCT solution FROM sales ORDER BY 1"
    assert asker(tmp_path / "channel")(solutions) == [("arches",), ("carpentry",), ("walls",)]


def test_the_command_refuses_an_unknown_edition(tmp_path: Path) -> None:
    words = ["--out", str(tmp_path / "channel"), "--edition", "guild/1371"]
    done = subprocess.run([sys.executable, "-m", "hanse.demo", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("--edition guild/1371: there is no such edition")
    assert not (tmp_path / "channel").exists()
