"""Django's settings. What differs between installations comes from the environment (see docs/how-to/install.md)."""

from __future__ import annotations

import os

from hanse.installation import home, mail
from hanse.installation.address import APPLICATION_ROLE, django_database

SECRET_KEY = home.secret_key()
DEBUG = False
ALLOWED_HOSTS = [host for host in os.environ.get("HANSE_HOSTS", "").split(",") if host]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "procrastinate.contrib.django",
    "hanse.apps.audit",
    "hanse.apps.accounts",
    "hanse.apps.evidence",
    "hanse.apps.registry",
    "hanse.apps.directory",
    "hanse.apps.connections",
    "hanse.apps.places",
    "hanse.apps.likeness",
    "hanse.apps.programmes",
    "hanse.apps.standings",
    "hanse.apps.evaluation",
    "hanse.apps.duplicates",
    "hanse.apps.imports",
]
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ("username", "name")},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
    }.items()
]

# invitations and forgotten passwords; without HANSE_MAIL_URL nothing is sent, and links are handed on by hand
_MAIL = mail.configured(os.environ)
HANSE_SENDS_MAIL = _MAIL.sends
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _MAIL.sender
globals().update(_MAIL.settings)

# `default` may do what the application may; `owner` migrates and changes schemas
DATABASES = {"default": django_database(role=APPLICATION_ROLE), "owner": django_database(role=None)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

LOGGING_CONFIG = None  # installation/logs.py says what is logged, and how
