"""Which roles are there, and how far does each one see?"""

from __future__ import annotations

# a partner manager looks after the partners of the countries that the membership names; the others see every partner
SCOPED = "partner_manager"
EVERYWHERE = frozenset({"channel_chief", "programme_manager", "finance", "adviser", "executive", "auditor"})
VENDOR = EVERYWHERE | {SCOPED}

ADMINISTRATOR = "partner_administrator"
PARTNER = frozenset({ADMINISTRATOR, "partner_member"})

ALL = VENDOR | PARTNER
SAYS = {
    "channel_chief": "answers for the channel: may everything that a user may",
    "programme_manager": "writes programmes, imports facts, starts evaluations, records waivers",
    "partner_manager": "looks after the partners of some countries",
    "finance": "rebates, funds and settlements of the whole channel",
    "adviser": "advises partners on their way up",
    "executive": "reads everything, changes nothing",
    "auditor": "reads everything and the trail of who did what, changes nothing",
    "partner_administrator": "acts for one partner, and says who else may",
    "partner_member": "reads what concerns one partner",
}
