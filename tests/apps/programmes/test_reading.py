"""Which rules may be read, as of which day: what is in force, what comes, and what one stood under before?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from apps.quay import SECOND, facts, installed
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.policy import NotThere
from hanse.apps.evaluation.services import evaluate
from hanse.apps.programmes import services
from hanse.apps.programmes.reading import day_of, readable, to_read
from hanse.apps.programmes.selectors import loaded
from hanse.apps.standings.lived import editions_lived

TODAY = date(2026, 6, 30)
MEMBER = Actor("ann@bleu.example", frozenset({"partner_member"}), partners=frozenset({"P-1"}))
STRANGER = Actor("eve@new.example", frozenset({"partner_member"}), partners=frozenset({"P-9"}))


def life(tmp_path: Path) -> None:
    """2024 was in force and is retired, 2025 is in force, 2026 is announced, 2027 a draft."""
    installed(tmp_path, "2024")
    facts()
    evaluate(actor=operator(), edition="quay/2024", as_of=date(2024, 6, 30), reason="test")
    services.retire(actor=SECOND, name="quay/2024", on=date(2025, 1, 1), reason="2025 comes")
    installed(tmp_path, "2025")
    installed(tmp_path, "2026", in_force=False)
    services.announce(actor=SECOND, name="quay/2026", on=date(2026, 1, 1), reason="next year")
    installed(tmp_path, "2027", in_force=False)


def names(actor: Actor) -> list[str]:
    return sorted(one.name for one in readable(actor=actor, day=TODAY, lived=editions_lived(actor=actor)))


@pytest.mark.usefixtures("committed")  # an evaluation commits
def test_a_former_edition_is_read_by_those_who_stood_under_it(tmp_path: Path) -> None:
    life(tmp_path)
    assert names(MEMBER) == ["quay/2024", "quay/2025", "quay/2026"]
    assert names(STRANGER) == ["quay/2025", "quay/2026"]
    assert names(operator()) == ["quay/2024", "quay/2025", "quay/2026", "quay/2027"]
    with pytest.raises(NotThere):
        to_read(actor=STRANGER, name="quay/2024", day=TODAY)


@pytest.mark.usefixtures("committed")
def test_each_is_read_as_of_a_day_on_which_it_holds(tmp_path: Path) -> None:
    life(tmp_path)
    days = {}
    for one in readable(actor=operator(), day=TODAY):
        days[one.name] = day_of(one, loaded(one.id), TODAY)
    assert days["quay/2024"] == date(2024, 12, 31)
    assert days["quay/2025"] == days["quay/2026"] == TODAY


@pytest.mark.usefixtures("database")
def test_of_several_versions_the_one_in_force_is_read(tmp_path: Path) -> None:
    installed(tmp_path, "2026")
    installed(tmp_path / "changed", "2026", in_force=False, silver="30_000")
    assert to_read(actor=MEMBER, name="quay/2026", day=TODAY).number == 1
    assert to_read(actor=operator(), name="quay/2026@2", day=TODAY).number == 2
    with pytest.raises(NotThere):
        to_read(actor=MEMBER, name="quay/2026@2", day=TODAY)
