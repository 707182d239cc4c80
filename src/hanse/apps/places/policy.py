"""Who may say where a firm is? Whoever looks after the partners there; everything else is found by the system."""

from __future__ import annotations

from hanse.apps.accounts.policy import INTERNAL, PROGRAMME, register
from hanse.apps.accounts.roles import SCOPED, VENDOR

register({
    "places.refresh": INTERNAL,
    "places.choose": PROGRAMME | {SCOPED},
    "places.see": VENDOR,
})  # fmt: skip
