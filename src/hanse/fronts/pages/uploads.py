"""How large may a file be that somebody sends?

Files go to the disk as they arrive and are never wholly in memory. Only the pages that take large files take them, and
only from those who have signed in; beyond its bound a file is not kept, and the page that asked for it says so.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from hanse.language.problems import Problem

if TYPE_CHECKING:
    from hanse.language.words import Words

MEGABYTE = 1 << 20
_OTHER_FORMS = 2 * MEGABYTE
_LARGE = frozenset({"imports", "mend"})  # the pages that take large files


def limit_of(environment: str) -> int:
    """The bound of one file in bytes, from HANSE_UPLOAD_LIMIT: megabytes, 200 where nothing is said.

    Raises ValueError for what is no whole number of them.
    """
    said = os.environ.get(environment, "").strip()
    if not said:
        return 200 * MEGABYTE
    if not said.isdigit() or not int(said):
        raise ValueError(f"{environment} is {said!r}; it is a whole number of megabytes, such as 200")
    return int(said) * MEGABYTE


class Bounded(TemporaryFileUploadHandler):
    """Takes files up to their bound; what is larger arrives as an empty `TooLarge`."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._arrived = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._beyond = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        most = bound(self.request)
        self._arrived += len(raw_data)
        if self._arrived > most * settings.DATA_UPLOAD_MAX_NUMBER_FILES:
            raise StopUpload(connection_reset=True)
        if start + len(raw_data) > most:
            self._beyond = True
            self.file.seek(0)
            self.file.truncate()
        if not self._beyond:
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self._beyond:
            return super().file_complete(file_size)
        self.file.close()
        return TooLarge(file=io.BytesIO(), name=self.file_name, size=file_size)


class TooLarge(UploadedFile):
    """A file of which nothing was kept, for it was larger than its bound."""


def bound(request: Any) -> int:
    """How large a file may be, in bytes, that this request brings."""
    match = getattr(request, "resolver_match", None)
    large = match is not None and match.url_name in _LARGE and request.user.is_authenticated
    return int(settings.HANSE_UPLOAD_LIMIT) if large else _OTHER_FORMS  # type: ignore[misc]  # of the pages only


def too_large(request: Any, name: str, words: Words) -> Problem:
    """What to say of such a file."""
    most = words.number(bound(request) / MEGABYTE, 0)
    return Problem(
        name,
        words.say("the file is larger than {n} MB", n=most),
        words.say("larger files are not taken over this page"),
        words.say("cut it into several files, or have the administrator import it with: hanse import"),
    )
