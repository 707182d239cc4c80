"""Who may install, pilot, publish and see editions?"""

from __future__ import annotations

from hanse.apps.accounts import roles
from hanse.apps.accounts.policy import ANYBODY, INTERNAL, PROGRAMME, register

register({
    "programmes.see": ANYBODY,
    "programmes.install": PROGRAMME,
    "programmes.pilot": PROGRAMME,
    "programmes.publish": PROGRAMME,
    "programmes.office": roles.VENDOR,
    "programmes.draft": PROGRAMME,
    "programmes.ask": PROGRAMME,
    "programmes.approve": PROGRAMME,
    "programmes.remark": PROGRAMME | {roles.SCOPED, "finance", "adviser"},
    "programmes.feedback": ANYBODY,
    "programmes.check_cases": INTERNAL,
    "programmes.cases_hold": INTERNAL,
    "programmes.may_follow": INTERNAL,
    "programmes.published": INTERNAL,
    "programmes.checked": INTERNAL,
    "programmes.said": INTERNAL,
})  # fmt: skip
