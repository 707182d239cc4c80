"""Finds what the apps offer: the public functions of their modules."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import AppConfig, apps

Offered = Callable[..., object]


def our_apps() -> list[AppConfig]:
    return [app for app in apps.get_app_configs() if app.name.startswith("hanse.apps.")]


def public_functions(module: str) -> Iterator[tuple[str, str, Offered]]:
    """App, name and function of everything public that the apps' modules of this name define themselves."""
    for app in our_apps():
        if find_spec(f"{app.name}.{module}"):
            for name, offered in defined_in(import_module(f"{app.name}.{module}")):
                yield app.label, name, offered


def other_entries() -> set[str]:
    """The public functions with a keyword-only actor that are neither services nor selectors: app.module.function."""
    found = set()
    for app in our_apps():
        for module in pkgutil.iter_modules(import_module(app.name).__path__):
            if module.name in ("services", "selectors", "migrations"):
                continue
            for name, offered in defined_in(import_module(f"{app.name}.{module.name}")):
                actor = inspect.signature(offered).parameters.get("actor")
                if actor is not None and actor.kind is actor.KEYWORD_ONLY:
                    found.add(f"{app.label}.{module.name}.{name}")
    return found


def defined_in(module: ModuleType) -> Iterator[tuple[str, Offered]]:
    for name, offered in inspect.getmembers(module, callable):
        function = inspect.unwrap(offered)  # what a transaction or a cache wraps
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_"):
            yield name, offered
