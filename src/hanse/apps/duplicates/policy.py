"""Who may look for duplicates and decide of them?"""

from __future__ import annotations

from hanse.apps.accounts import roles
from hanse.apps.accounts.policy import INTERNAL, PROGRAMME, register

register(
    {
        "duplicates.look": PROGRAMME,
        "duplicates.decide": PROGRAMME,
        "duplicates.tell_apart": PROGRAMME | {roles.SCOPED},
        "duplicates.see": roles.VENDOR,
        "duplicates.run": INTERNAL,
    }
)
