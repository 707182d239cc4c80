"""How does an edition leave the house? Its files as a zip, byte for byte: to change by hand, and to send again."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from django.http import HttpResponse

from hanse.apps.programmes.selectors import files_of
from hanse.fronts.desk import office_words
from hanse.fronts.pages import asked

if TYPE_CHECKING:
    from hanse.fronts.pages.reader import PageRequest

_DAY = (1980, 1, 1, 0, 0, 0)  # the same files give the same archive


def edition_files(request: PageRequest, name: str) -> HttpResponse:
    """The files of a version."""
    one, _ = office_words.edition_of(request, asked.key(name))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files_of(one.id).items():
            info = zipfile.ZipInfo(path, _DAY)
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    response = HttpResponse(made.getvalue(), content_type="application/zip")
    shown = one.key.replace("/", "-").replace("@", "-")
    response.headers["Content-Disposition"] = f'attachment; filename="{shown}.zip"'
    return response
