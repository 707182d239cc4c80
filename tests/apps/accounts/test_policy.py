"""Does every service of every app have its row in the table of who may what, and take an actor?"""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest

from apps.accounts.walk import Offered, public_functions
from hanse.apps.accounts import policy, roles
from hanse.apps.accounts.actors import SYSTEM, Actor
from hanse.apps.accounts.policy import INTERNAL, Refused, register, require

SERVICES = list(public_functions("services"))


def actions_asked(function: Offered, seen: frozenset[str] = frozenset()) -> set[str]:
    """The actions that a function asks `require` for, itself or through the functions of ours that it calls by name.

    Of an action that is put together, the part before the first hole and a star.
    """
    own = inspect.unwrap(function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(own)))
    asked: set[str] = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = ast.unparse(call.func)
        other = own.__globals__.get(called)
        if called.rpartition(".")[2] == "require":
            asked |= actions_in(call.args[1])
        elif inspect.isfunction(other) and other.__module__.startswith("hanse.apps.") and called not in seen:
            asked |= actions_asked(other, seen | {called})
    return asked


def actions_in(argument: ast.expr) -> set[str]:
    """The actions that an argument may be: a text, one of two texts, or the beginning of one put together."""
    if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
        return {f"{argument.values[0].value}*"}
    texts = (node.value for node in ast.walk(argument) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and "." in text}


def remarks(app: str, name: str, function: Offered) -> list[str]:
    """What is wrong with a service; empty when nothing is."""
    row = policy.rows().get(f"{app}.{name}")
    if row == INTERNAL and row is not None:
        return []
    found = []
    actor = inspect.signature(function).parameters.get("actor")
    if actor is None or actor.kind is not inspect.Parameter.KEYWORD_ONLY or actor.default is not actor.empty:
        found.append("takes no keyword-only actor")
    asked = actions_asked(function)
    known = [
        one
        for one in asked
        if any(row == one or (one[-1] == "*" and row.startswith(one[:-1])) for row in policy.rows())
    ]
    if row is None and not asked:
        found.append("has no row in any policy.py, and asks for none")
    if len(known) < len(asked):
        found.append(f"asks for {sorted(asked - set(known))}, which has no row")
    return found


@pytest.mark.parametrize(("app", "name", "function"), SERVICES, ids=[f"{app}.{name}" for app, name, _ in SERVICES])
def test_every_service_says_who_may(app: str, name: str, function: Offered) -> None:
    assert remarks(app, name, function) == []


def test_the_walk_sees_the_services() -> None:
    assert {("audit", "record"), ("accounts", "role_grant"), ("evidence", "withdraw")} <= {one[:2] for one in SERVICES}


def test_the_walk_can_fail() -> None:
    def without_actor(*, name: str) -> None: ...

    def positional(actor: Actor) -> None:
        require(actor, "accounts.role_grant")

    def unknown(*, actor: Actor) -> None:
        require(actor, "accounts.no_such_row")

    def unknown_start(*, actor: Actor, kind: str) -> None:
        require(actor, f"nothing.{kind}")

    def right(*, actor: Actor, kind: str) -> None:
        require(actor, f"accounts.{kind}")

    assert len(remarks("accounts", "a", without_actor)) == 2
    assert remarks("accounts", "a", positional) == ["takes no keyword-only actor"]
    assert remarks("accounts", "a", unknown) == ["asks for ['accounts.no_such_row'], which has no row"]
    assert remarks("accounts", "a", unknown_start) == ["asks for ['nothing.*'], which has no row"]
    assert remarks("accounts", "a", right) == []


def test_a_refusal_says_place_what_why_and_remedy() -> None:
    member = Actor("eve@p.example", frozenset({"partner_member"}), partners=frozenset({"P-1"}))
    with pytest.raises(Refused) as said:
        require(member, "accounts.user_reactivate")
    (problem,) = said.value.problems
    assert problem.place == "accounts.user_reactivate"
    assert problem.what == "eve@p.example may not do this"
    assert problem.why == "it takes channel chief, and eve@p.example has partner member"
    assert "channel chief" in problem.remedy


def test_nobody_asks_for_what_is_internal() -> None:
    with pytest.raises(Refused, match="only the system itself"):
        require(SYSTEM, "audit.record")


def test_an_action_without_a_row_is_our_mistake() -> None:
    with pytest.raises(LookupError, match="has no row"):
        require(SYSTEM, "accounts.fly")


def test_rows_are_checked() -> None:
    with pytest.raises(ValueError, match="no role king"):
        register({"accounts.reign": {"king"}})
    with pytest.raises(ValueError, match="other roles already"):
        register({"accounts.user_reactivate": roles.VENDOR})
    assert "accounts.reign" not in policy.rows()


def test_readers_change_nothing() -> None:
    """An executive and an auditor read; a repeated run is a check and changes no standing."""
    may = {action for action, allowed in policy.rows().items() if allowed & {"executive", "auditor"}}
    assert may <= {"evaluation.repeat", "standings.see_lists", "standings.see_runs", "imports.see", "programmes.office",
                   "evaluation.see_rehearsals", "duplicates.see", "places.see", "likeness.see",
                   "evaluation.see_holders"}, may  # fmt: skip
