"""What is done beside the pages: writing to those who forgot their password.

As a job, so that the page answers everybody alike and in the same time, whether there is such an account or not.
"""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(queue="letters", pass_context=False)
def send_forgotten(username: str, address: str) -> bool:
    """Sends a link for a new password, if there is such an account. `address` is the page's, with {token} in it."""
    from hanse.apps.accounts import invitations, letters

    link = invitations.forgotten(username=username)
    return link is not None and letters.write(link, address=address.format(token=link.token))
