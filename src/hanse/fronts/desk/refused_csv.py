"""Which rows did an import refuse, as a file to be mended and dropped again?"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse

from hanse.apps.imports.selectors import import_of, write_refused
from hanse.fronts.pages import asked

if TYPE_CHECKING:
    from hanse.fronts.pages.reader import PageRequest


def refused_csv(request: PageRequest, number: int) -> HttpResponse:
    """The refused rows of one sheet (the first, unless the address names one), with remedies. Raises NotThere."""
    import_of(request.actor, number)
    with tempfile.TemporaryDirectory(prefix="hanse-refused-") as folder:
        written = write_refused(
            request.actor, number, Path(folder) / "refused.csv", asked.text(request, "sheet") or None
        )
        if not written:
            raise Http404
        content = written[0][0].read_bytes()
    name = f"hanse-import-{number}-refused.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
