"""What is written to somebody who was invited, or has forgotten the password; and is it sent at all?

Plain text in both languages, the reader's first. A link is in the letter and nowhere else.
"""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from hanse.apps.accounts.invitations import Link
from hanse.language.words import LANGUAGES, Words, mark

_INVITED = (
    mark("Your access to the partner programme"),
    mark("{inviter} invites you to the pages of the partner programme. Choose a password, and you are in:"),
    mark("The link works once, until {until}. If you did not expect this letter, you need not do anything."),
)
_FORGOTTEN = (
    mark("A new password for the partner programme"),
    mark("Somebody, probably you, asked for a new password for {username}. Choose one here:"),
    mark("The link works once, until {until}. If it was not you, you need not do anything: the password stays."),
)


def sent() -> bool:
    """Does this installation send letters?"""
    return bool(settings.HANSE_SENDS_MAIL)


def write(link: Link, *, address: str, inviter: str = "") -> bool:
    """Sends a link; false where nothing is sent, or the server did not take it: the link must go another way."""
    if not sent():
        return False
    subject, first, last = _INVITED if link.purpose == "invitation" else _FORGOTTEN
    spoken = [link.language, *sorted(set(LANGUAGES) - {link.language})]
    parts = []
    for words in map(Words, spoken):
        until = words.moment(link.until)
        said = words.say(first, inviter=inviter, username=link.username)
        parts.append(f"{said}\n\n{address}\n\n{words.say(last, until=until)}")
    letter = EmailMessage(Words(spoken[0]).say(subject), "\n\n--\n\n".join(parts) + "\n", to=[link.username])
    try:
        return letter.send() == 1
    except (smtplib.SMTPException, OSError):
        return False
