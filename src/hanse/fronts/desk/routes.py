"""Which pages has the desk, and who may see each?"""

from __future__ import annotations

from hanse.apps.accounts.policy import CHIEF, PROGRAMME
from hanse.apps.accounts.roles import EVERYWHERE, SCOPED, VENDOR
from hanse.fronts.pages.routes import Route
from hanse.language.words import mark

_IMPORTS = PROGRAMME | {"auditor"}

ROUTES = (
    Route("search/", "search", "hanse.fronts.desk.search.search", VENDOR),
    Route("", "overview", "hanse.fronts.desk.overview.overview", VENDOR, menu=mark("Overview")),
    Route("partners/", "partners", "hanse.fronts.desk.partners.partners", VENDOR, menu=mark("Partners")),
    Route("partners/new/", "partner_new", "hanse.fronts.desk.partner_new.partner_new", PROGRAMME | {SCOPED}),
    Route("partners.csv", "partners_csv", "hanse.fronts.desk.partners_csv.partners_csv", VENDOR),
    Route("find/", "find", "hanse.fronts.desk.find.find", VENDOR),
    Route("map/", "map", "hanse.fronts.desk.map.partner_map", VENDOR, menu=mark("Map")),
    Route("map/data/", "map_data", "hanse.fronts.desk.map.map_data", VENDOR),
    Route("places/", "places", "hanse.fronts.desk.places.places", VENDOR),
    Route("places/choose/", "place_choose", "hanse.fronts.desk.place_choose.place_choose", PROGRAMME | {SCOPED}),
    Route("views/", "views", "hanse.fronts.desk.views.views", VENDOR),
    Route("partners/<path:key>/merge/", "merge", "hanse.fronts.desk.merge.merge", PROGRAMME),
    Route("partners/<path:key>/unmerge/", "unmerge", "hanse.fronts.desk.unmerge.unmerge", PROGRAMME),
    Route("partners/<path:key>/became/", "became", "hanse.fronts.desk.became.became", PROGRAMME),
    Route(
        "partners/<path:key>/became/<int:number>/", "event_undo", "hanse.fronts.desk.event_undo.event_undo", PROGRAMME
    ),
    Route("partners/<path:key>/record/", "record", "hanse.fronts.desk.record.record", VENDOR),
    Route("partners/<path:key>/", "partner", "hanse.fronts.desk.partner.partner", VENDOR),
    Route(
        "what-if/", "what_if_of", "hanse.fronts.pages.what_if.what_if_page", VENDOR
    ),  # ?partner=KEY, as in the portal
    Route("office/", "office", "hanse.fronts.desk.office.office", VENDOR, menu=mark("Editions")),
    Route("office/upload/", "edition_upload", "hanse.fronts.desk.edition_upload.edition_upload", PROGRAMME),
    Route("office/<path:name>/change/", "change", "hanse.fronts.desk.change.change", PROGRAMME),
    Route("office/<path:name>/cases/", "edition_cases", "hanse.fronts.desk.edition_cases.edition_cases", PROGRAMME),
    Route("office/<path:name>/competencies/", "holders", "hanse.fronts.desk.holders.holders", EVERYWHERE),
    Route("office/<path:name>/files.zip", "edition_files", "hanse.fronts.desk.edition_files.edition_files", VENDOR),
    Route("office/<path:name>/", "edition", "hanse.fronts.desk.edition.edition", VENDOR),
    Route("rehearsals/", "rehearsals", "hanse.fronts.desk.rehearsals.rehearsals", VENDOR),
    Route("rehearsals/<int:number>/", "rehearsal", "hanse.fronts.desk.rehearsal.rehearsal", VENDOR),
    Route("rehearsals/<int:number>/movers.csv", "movers_csv", "hanse.fronts.desk.movers_csv.movers_csv", VENDOR),
    Route("duplicates/", "duplicates", "hanse.fronts.desk.duplicates.duplicates", VENDOR, menu=mark("Duplicates")),
    Route("imports/", "imports", "hanse.fronts.desk.imports.imports", _IMPORTS, menu=mark("Imports")),
    Route("imports/files/<int:number>/", "upload", "hanse.fronts.desk.upload.upload", _IMPORTS),
    Route("imports/files/<int:number>/columns/", "columns", "hanse.fronts.desk.columns.columns", _IMPORTS),
    Route("imports/files/<int:number>/trial/", "trial", "hanse.fronts.desk.trial.trial", _IMPORTS),
    Route("imports/<int:number>/", "refused", "hanse.fronts.desk.refused.refused", _IMPORTS),
    Route("imports/<int:number>/refused.csv", "refused_csv", "hanse.fronts.desk.refused_csv.refused_csv", _IMPORTS),
    Route("imports/<int:number>/mend/", "mend", "hanse.fronts.desk.mend.mend", PROGRAMME),
    Route("imports/<int:number>/undo/", "undo", "hanse.fronts.desk.undo.undo", PROGRAMME),
    Route("sources/", "sources", "hanse.fronts.desk.sources.sources", _IMPORTS),
    Route("waivers/", "waivers", "hanse.fronts.desk.waivers.waivers", VENDOR, menu=mark("Waivers")),
    Route("waivers/new/", "waiver_new", "hanse.fronts.desk.waiver_new.waiver_new", PROGRAMME),
    Route("waivers/<int:fact>/end/", "waiver_end", "hanse.fronts.desk.waiver_end.waiver_end", PROGRAMME),
    Route("facts/new/", "fact_new", "hanse.fronts.desk.fact_new.fact_new", PROGRAMME | {SCOPED}),
    Route("facts/<slug:table>/<int:number>/", "fact", "hanse.fronts.desk.fact.fact", VENDOR),
    Route("approvals/", "approvals", "hanse.fronts.desk.approvals.approvals", VENDOR, menu=mark("Approvals")),
    Route("runs/", "runs", "hanse.fronts.desk.runs.runs", EVERYWHERE, menu=mark("Runs")),
    Route("runs/<int:number>/", "run", "hanse.fronts.desk.run.run", EVERYWHERE),
    Route("runs/<int:number>/confirm/", "confirm", "hanse.fronts.desk.confirm.confirm", PROGRAMME),
    Route("users/", "users", "hanse.fronts.desk.users.users", VENDOR, menu=mark("Users")),
    Route("users/new/", "user_new", "hanse.fronts.desk.user_new.user_new", PROGRAMME),
    Route("users/roles/", "roles", "hanse.fronts.desk.roles.roles", VENDOR),
    Route("users/<uuid:uuid>/", "user", "hanse.fronts.desk.user.user", VENDOR),
    Route("users/<uuid:uuid>/see-as/", "see_as", "hanse.fronts.desk.see_as.see_as", PROGRAMME | {SCOPED}),
    Route("audit/proof.json", "proof", "hanse.fronts.desk.audit.proof", CHIEF | {"auditor"}),
    Route("audit/<int:number>/", "entry", "hanse.fronts.desk.entry.entry", VENDOR),
    Route("audit/", "audit", "hanse.fronts.desk.audit.audit", VENDOR, menu=mark("Audit")),
)
