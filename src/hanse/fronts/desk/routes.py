"""Which pages has the desk, and who may see each?"""

from __future__ import annotations

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.accounts.roles import EVERYWHERE, VENDOR
from hanse.fronts.pages.routes import Route
from hanse.language.words import mark

_IMPORTS = PROGRAMME | {"auditor"}

ROUTES = (
    Route("", "overview", "hanse.fronts.desk.overview.overview", VENDOR, menu=mark("Overview")),
    Route("partners/", "partners", "hanse.fronts.desk.partners.partners", VENDOR, menu=mark("Partners")),
    Route("partners.csv", "partners_csv", "hanse.fronts.desk.partners_csv.partners_csv", VENDOR),
    Route("partners/<path:key>/", "partner", "hanse.fronts.desk.partner.partner", VENDOR),
    Route("imports/", "imports", "hanse.fronts.desk.imports.imports", _IMPORTS, menu=mark("Imports")),
    Route("imports/<int:number>/", "refused", "hanse.fronts.desk.refused.refused", _IMPORTS),
    Route("runs/", "runs", "hanse.fronts.desk.runs.runs", EVERYWHERE, menu=mark("Runs")),
    Route("runs/<int:number>/", "run", "hanse.fronts.desk.run.run", EVERYWHERE),
    Route("audit/", "audit", "hanse.fronts.desk.audit.audit", VENDOR, menu=mark("Audit")),
)
