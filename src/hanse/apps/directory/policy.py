"""The directory is written by the system alone, for it repeats what is said elsewhere; what each shows, search.py cuts."""

from __future__ import annotations

from hanse.apps.accounts.policy import INTERNAL, register
from hanse.apps.accounts.roles import ADMINISTRATOR

register({
    "directory.refresh": INTERNAL,
    "directory.rebuild": INTERNAL,
    "directory.stood": INTERNAL,
    "registry.visibility_set": {ADMINISTRATOR},
})  # fmt: skip
