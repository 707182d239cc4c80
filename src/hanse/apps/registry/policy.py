"""The registry is written by the system alone, for it repeats what facts say."""

from __future__ import annotations

from hanse.apps.accounts.policy import INTERNAL, register
from hanse.apps.accounts.roles import ADMINISTRATOR

register({
    "registry.refresh": INTERNAL,
    "registry.forget": INTERNAL,
    "registry.visibility_set": {ADMINISTRATOR},
    "registry.confirm": {ADMINISTRATOR},
    "registry.noted": INTERNAL,
})  # fmt: skip
