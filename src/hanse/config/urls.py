"""Which page answers which address? The tables of the fronts, one after the other; there is no other route."""

from __future__ import annotations

from hanse.fronts.desk import routes as desk
from hanse.fronts.pages import routes as pages
from hanse.fronts.portal import routes as portal

ROUTES = (*pages.ROUTES, *portal.ROUTES, *desk.ROUTES, *pages.RULES)

urlpatterns = pages.patterns(ROUTES)
handler400 = "hanse.fronts.pages.errors.bad_request"
handler403 = "hanse.fronts.pages.errors.forbidden"
handler404 = "hanse.fronts.pages.errors.not_found"
handler500 = "hanse.fronts.pages.errors.broken"
