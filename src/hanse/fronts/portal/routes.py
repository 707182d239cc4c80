"""Which pages has the portal, and who may see each?"""

from __future__ import annotations

from hanse.apps.accounts.roles import PARTNER
from hanse.fronts.pages.routes import Route
from hanse.language.words import mark

ROUTES = (
    Route("", "home", "hanse.fronts.portal.home.home", PARTNER, menu=mark("Home")),
    Route("standing/", "standing", "hanse.fronts.portal.standing.standing", PARTNER, menu=mark("Standing")),
)
