"""Which pages has the portal, and who may see each?"""

from __future__ import annotations

from hanse.apps.accounts.roles import PARTNER
from hanse.fronts.pages.routes import Route
from hanse.language.words import mark

_PORTAL = "hanse.fronts.portal"

ROUTES = (
    Route("", "home", "hanse.fronts.portal.home.home", PARTNER, menu=mark("Home")),
    Route("search/", "search_own", "hanse.fronts.portal.search.search", PARTNER),
    Route("standing/", "standing", "hanse.fronts.portal.standing.standing", PARTNER, menu=mark("Standing")),
    Route("what-if/", "what_if", "hanse.fronts.pages.what_if.what_if_page", PARTNER, menu=mark("What if")),
    Route("transition/", "transition", f"{_PORTAL}.transition.transition", PARTNER),
    Route("standing/letter/", "letter", f"{_PORTAL}.letter.letter", PARTNER),
    Route("standing/letter.pdf", "letter_pdf", f"{_PORTAL}.letter_pdf.letter_pdf", PARTNER),
    Route("competencies/", "competencies", f"{_PORTAL}.competencies.competencies", PARTNER, menu=mark("Competencies")),
    Route("competencies/<str:name>/", "competency", f"{_PORTAL}.competency.competency", PARTNER),
    Route("people/", "people", f"{_PORTAL}.people.people", PARTNER, menu=mark("People")),
    Route("people.csv", "people_csv", f"{_PORTAL}.people.people_csv", PARTNER),
    Route("benefits/", "benefits", f"{_PORTAL}.benefits.benefits", PARTNER, menu=mark("Benefits")),
    Route("history/", "history", f"{_PORTAL}.history.history", PARTNER, menu=mark("History")),
    Route("allies/", "allies", f"{_PORTAL}.allies.allies", PARTNER, menu=mark("Allies")),
    Route("allies/<path:key>/", "ally", f"{_PORTAL}.ally.ally", PARTNER),
    Route("connections/", "connections", f"{_PORTAL}.connections.connections", PARTNER),
    Route("connections/together/<path:key>/", "together", f"{_PORTAL}.together.together", PARTNER),
    Route("map/", "firm_map", f"{_PORTAL}.map.firm_map", PARTNER, menu=mark("Map")),
    Route("map/data/", "firm_map_data", f"{_PORTAL}.map.firm_map_data", PARTNER),
    Route("firm/", "profile", f"{_PORTAL}.profile.profile", PARTNER, menu=mark("Your firm")),
    Route("colleagues/", "colleagues", f"{_PORTAL}.colleagues.colleagues", PARTNER),
    Route("feedback/", "feedback", f"{_PORTAL}.feedback.feedback", PARTNER),
)
