"""The matching of persons to competencies staffs as many as can be staffed: against trying everything."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from hanse.language.assignment import Rules, Slot, assign

PEOPLE = ("ann", "bob", "cat", "dan")
ONE = ""


def qualified(roles: tuple[str, ...]) -> st.SearchStrategy[dict[str, set[Slot]]]:
    slots = st.sets(st.tuples(st.integers(0, 2), st.sampled_from(roles)), max_size=3)
    return st.dictionaries(st.sampled_from(PEOPLE), slots, max_size=4)


def most_by_trying(who: dict[str, set[Slot]], rules: Rules) -> int:
    """The largest number of competencies that can be staffed at once, by going through all choices."""
    competencies = sorted({c for slots in who.values() for c, _ in slots})
    for size in range(len(competencies), 0, -1):
        if any(staffable(chosen, who, rules) for chosen in combinations(competencies, size)):
            return size
    return 0


def staffable(chosen: tuple[int, ...], who: dict[str, set[Slot]], rules: Rules) -> bool:
    seats = [((c, r), n) for c in chosen for r, n in rules.need.items()]
    choices = [list(combinations([p for p in sorted(who) if slot in who[p]], n)) for slot, n in seats]
    return any(allowed(dict(zip([s for s, _ in seats], picked, strict=True)), rules) for picked in product(*choices))


def allowed(seating: dict[Slot, tuple[str, ...]] | dict[Slot, list[str]], rules: Rules) -> bool:
    for person in {p for people in seating.values() for p in people}:
        served = [(c, r) for (c, r), people in seating.items() if person in people and c not in rules.exempt]
        roles = {r for _, r in served}
        if rules.one_role and len(roles) > 1:
            return False
        if any(sum(r == role for _, r in served) > rules.up_to.get(role, 1) for role in roles):
            return False
    return True


def holds(who: dict[str, set[Slot]], rules: Rules) -> None:
    found = assign(who, rules)
    assert allowed(found, rules)
    for slot, people in found.items():
        assert len(people) == len(set(people)) == rules.need[slot[1]]
        assert all(slot in who[p] for p in people)
    staffed = {c for c, _ in found}
    assert {(c, r) for c in staffed for r in rules.need} == set(found)
    assert len(staffed) == most_by_trying(who, rules)
    assert found == assign(dict(reversed(who.items())), rules)


@given(
    who=qualified((ONE,)),
    need=st.integers(1, 2),
    up_to=st.integers(1, 2),
    exempt=st.sets(st.integers(0, 2), max_size=1),
)
def test_nobody_serves_more_than_allowed_and_the_most_are_staffed(
    who: dict[str, set[Slot]], need: int, up_to: int, exempt: set[int]
) -> None:
    holds(who, Rules({ONE: need}, {ONE: up_to}, False, frozenset(exempt)))


@given(who=qualified(("am", "se")), up_to=st.integers(1, 2), one_role=st.booleans())
def test_roles_exclude_each_other_where_they_must(who: dict[str, set[Slot]], up_to: int, one_role: bool) -> None:
    holds(who, Rules({"am": 1, "se": 1}, {"am": up_to, "se": 1}, one_role, frozenset()))
