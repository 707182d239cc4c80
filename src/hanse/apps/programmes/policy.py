"""Who may install, pilot, publish and see editions?"""

from __future__ import annotations

from hanse.apps.accounts.policy import ANYBODY, INTERNAL, PROGRAMME, register

register({
    "programmes.see": ANYBODY,
    "programmes.install": PROGRAMME,
    "programmes.pilot": PROGRAMME,
    "programmes.publish": PROGRAMME,
    "programmes.checked": INTERNAL,
    "programmes.said": INTERNAL,
})  # fmt: skip
