"""Which roles are there, and how far does each one see?"""

from __future__ import annotations

from hanse.language.words import mark

# a partner manager looks after the partners of the countries that the membership names; the others see every partner
SCOPED = "partner_manager"
EVERYWHERE = frozenset({"channel_chief", "programme_manager", "finance", "adviser", "executive", "auditor"})
VENDOR = EVERYWHERE | {SCOPED}

ADMINISTRATOR = "partner_administrator"
PARTNER = frozenset({ADMINISTRATOR, "partner_member"})

ALL = VENDOR | PARTNER
SAYS = {
    "channel_chief": mark("answers for the channel: may everything that a user may"),
    "programme_manager": mark("writes programmes, imports facts, starts evaluations, records waivers"),
    "partner_manager": mark("looks after the partners of some countries"),
    "finance": mark("rebates, funds and settlements of the whole channel"),
    "adviser": mark("advises partners on their way up"),
    "executive": mark("reads everything, changes nothing"),
    "auditor": mark("reads everything and the trail of who did what, changes nothing"),
    "partner_administrator": mark("acts for one partner, and says who else may"),
    "partner_member": mark("reads what concerns one partner"),
}
