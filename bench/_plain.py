"""A page to compare with: what Django's own project of the same stack answers, with a table of fifty partners.

Sessions, users and forms' keys as Django's startproject sets them up, the same server, database and number of
processes; none of Hanse's pages. It reads the session, the user and the rows: three statements.
"""

from __future__ import annotations

import argparse
from functools import cache
from typing import Any

PAGE = """<!doctype html><html lang="en"><head><title>Partners</title></head><body>
<h1>Partners</h1><p>{{ request.user }}</p><form method="post">{% csrf_token %}</form><table>{% for one in partners %}
<tr><th>{{ one.key }}</th><td>{{ one.name }}</td><td>{{ one.country }}</td><td>{{ one.joined|date:"j M Y" }}</td></tr>
{% endfor %}</table></body></html>"""
WSGI = "_plain:application"


def configured() -> Any:
    """Django, set up as a new project is, over the installation's database."""
    from hanse.installation import server
    from hanse.installation.address import announce, django_database

    announce(server.start())
    import django
    from django.conf import settings

    from hanse.installation import home

    settings.configure(
        SECRET_KEY=home.secret_key(), ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, USE_TZ=True,
        DATABASES={"default": django_database(role="hanse_app")}, AUTH_USER_MODEL="accounts.User",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", SESSION_COOKIE_NAME="hanse", CSRF_COOKIE_NAME="hanse-form",
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
            "procrastinate.contrib.django", "hanse.apps.audit", "hanse.apps.accounts", "hanse.apps.evidence",
            "hanse.apps.registry",
        ],
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        MIDDLEWARE=[f"django.{name}" for name in (
            "middleware.security.SecurityMiddleware", "contrib.sessions.middleware.SessionMiddleware",
            "middleware.common.CommonMiddleware", "middleware.csrf.CsrfViewMiddleware",
            "contrib.auth.middleware.AuthenticationMiddleware", "contrib.messages.middleware.MessageMiddleware",
            "middleware.clickjacking.XFrameOptionsMiddleware",
        )],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    )  # fmt: skip
    django.setup()
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def page(request: Any) -> Any:
    """Fifty partners as a table."""
    from django.http import HttpResponse

    from hanse.apps.registry.models import Partner

    rows = Partner.objects.order_by("key")[:50]
    return HttpResponse(_template().render({"partners": rows}, request))


@cache
def _template() -> Any:
    from django.template import engines

    return engines["django"].from_string(PAGE)


def __getattr__(name: str) -> Any:
    """What the server and Django ask this module for, made when it is asked for."""
    if name == "application":
        return configured()
    if name == "urlpatterns":
        from django.urls import path

        return [path("", page)]
    raise AttributeError(name)


def main() -> None:
    """Serves the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--workers", type=int)
    asked = parser.parse_args()
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        WSGI, address="127.0.0.1", port=asked.port, interface=Interfaces.WSGI, workers=asked.workers or 2,
        blocking_threads=4, blocking_threads_idle_timeout=600, log_level=LogLevels.warning,
    ).serve()  # fmt: skip


if __name__ == "__main__":
    main()
