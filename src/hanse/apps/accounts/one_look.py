"""What has been looked at for this page already?

Every selector begins at the same door, so a page of six selectors would ask six times whether its partner may be seen.
While a page is being read (`one_look`, which the doors of pages open for requests that change nothing), a selector marked
`once` answers the same question from what it found the first time. Outside, every call asks anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

Asked = ParamSpec("Asked")
Found = TypeVar("Found")

_found: ContextVar[dict[Hashable, Any] | None] = ContextVar("found", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Until its end what is marked `once` is looked up once. Nothing may be written meanwhile."""
    before = _found.set({})
    try:
        yield
    finally:
        _found.reset(before)


def once(selector: Callable[Asked, Found]) -> Callable[Asked, Found]:
    """Marks a selector whose answer holds for a whole page. Its arguments must be hashable, its answer left as it is."""

    @wraps(selector)
    def looked(*args: Asked.args, **named: Asked.kwargs) -> Found:
        found = _found.get()
        if found is None:
            return selector(*args, **named)
        question = (selector, args, *sorted(named.items()))
        if question not in found:
            found[question] = selector(*args, **named)
        return cast("Found", found[question])

    return looked
