"""The pages as a WSGI application: `hanse serve` runs it, and any other server may."""

from __future__ import annotations

from hanse.installation import start

start.ready(pages=True)

from django.core.wsgi import get_wsgi_application  # noqa: E402  the installation comes first

application = get_wsgi_application()
