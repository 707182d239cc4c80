"""Who is told that a record looks like an existing firm? The vendor's people, of the partners that they may see."""

from __future__ import annotations

from hanse.apps.accounts.policy import INTERNAL, register
from hanse.apps.accounts.roles import VENDOR

register({
    "likeness.refresh": INTERNAL,
    "likeness.renew": INTERNAL,
    "likeness.rebuild": INTERNAL,
    "likeness.see": VENDOR,
})  # fmt: skip
