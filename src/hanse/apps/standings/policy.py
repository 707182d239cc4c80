"""Who may see standings and runs?"""

from __future__ import annotations

from hanse.apps.accounts import roles
from hanse.apps.accounts.policy import ANYBODY, INTERNAL, register

register({"standings.see": ANYBODY, "standings.see_lists": roles.VENDOR, "standings.see_runs": roles.EVERYWHERE})
# standings are written by evaluations alone, and a person taken out of them by an erasure
_WRITTEN = (
    "complete_erasures", "erase", "fail", "fail_abandoned", "going_on", "outline_of", "prepared", "publish", "publish_alone",
)  # fmt: skip
register({f"standings.{name}": INTERNAL for name in _WRITTEN})
