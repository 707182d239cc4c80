"""Through which server does this installation send mail, and in whose name?

`HANSE_MAIL_URL` says it in one line, `HANSE_MAIL_FROM` the sender. Without the first nothing is sent: pages then show
links to be handed on.

    smtp://user:password@mail.example.org:587?tls=1     a server, encrypted after the greeting (STARTTLS)
    smtps://user:password@mail.example.org              a server, encrypted from the beginning (port 465)
    file:///var/lib/hanse/mail                          a folder, one file for each letter: to try it out
    console:                                            the terminal
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hanse.language.problems import CallError, Problem

SECONDS = 10  # so long a server is waited for
_BACKENDS = "django.core.mail.backends."
_PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    """How mail is sent: Django's settings by name. `sends` is false where nothing was configured."""

    sends: bool
    sender: str
    settings: Mapping[str, Any]


def configured(environment: Mapping[str, str]) -> Mail:
    """What the environment says about mail. Raises CallError for an address that is none."""
    url = environment.get("HANSE_MAIL_URL", "").strip()
    sender = environment.get("HANSE_MAIL_FROM", "").strip() or "hanse@localhost"
    parts = urlsplit(url)
    if not url:
        return Mail(False, sender, {"EMAIL_BACKEND": _BACKENDS + "dummy.EmailBackend"})
    if parts.scheme == "console":
        return Mail(True, sender, {"EMAIL_BACKEND": _BACKENDS + "console.EmailBackend"})
    if parts.scheme == "file" and parts.path:
        found = {"EMAIL_BACKEND": _BACKENDS + "filebased.EmailBackend", "EMAIL_FILE_PATH": unquote(parts.path)}
        return Mail(True, sender, found)
    try:
        port = parts.port
    except ValueError as error:
        raise _wrong("its port is no number from 0 to 65535") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _wrong("it names no server that Hanse knows how to reach")
    asked = parse_qs(parts.query)
    return Mail(True, sender, {
        "EMAIL_BACKEND": _BACKENDS + "smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and asked.get("tls", ["0"])[-1] in ("1", "true", "yes"),
        "EMAIL_TIMEOUT": SECONDS,
    })  # fmt: skip


def _wrong(why: str) -> CallError:
    return CallError(Problem(  # the address is not repeated: a password may stand in it
        "HANSE_MAIL_URL", "this is no address of a mail server", why,
        "write smtp://user:password@mail.example.org:587?tls=1, smtps://..., file:///folder, or leave it out",
    ))  # fmt: skip
