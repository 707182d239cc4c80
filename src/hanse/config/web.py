"""Django's settings for the pages: those of every command, and what only pages need.

`hanse serve` and `hanse init` use them; the other commands do with less, and so start sooner. Without HANSE_HOSTS the
pages are for this machine alone, over plain HTTP; with it they are for those hosts, and over HTTPS only.
"""

from __future__ import annotations

import os

from hanse.config.settings import *  # noqa: F403
from hanse.config.settings import ALLOWED_HOSTS, INSTALLED_APPS
from hanse.fronts.pages import tiles, uploads
from hanse.fronts.pages.assets import FOLDER, IMMUTABLE

PUBLISHED = bool(ALLOWED_HOSTS)
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]

ROOT_URLCONF = "hanse.config.urls"
WSGI_APPLICATION = "hanse.config.wsgi.application"
INSTALLED_APPS = [
    *INSTALLED_APPS,
    "django.contrib.sessions",
    "django.contrib.messages",
    "hanse.fronts.pages",  # before allauth, whose templates it replaces
    "hanse.fronts.portal",
    "hanse.fronts.desk",
    "allauth",
    "allauth.account",
    "axes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages travel compressed. Guessing a secret from lengths (BREACH) is met three times over: requests of other sites
    # carry no cookie (SameSite), a form's key is masked anew for each page, and Django adds random bytes to it all.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hanse.fronts.pages.reader.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["hanse.fronts.pages.templatetags.say"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
APPEND_SLASH = True

# --- static files: built at set-up, named by their content ---

STATIC_URL = "/static/"
STATIC_ROOT = str(FOLDER.parent)
WHITENOISE_IMMUTABLE_FILE_TEST = IMMUTABLE
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- signing in: an address and a password; the locks are axes' ---

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "hanse.fronts.pages.signing_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "username"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}
AXES_USERNAME_CALLABLE = "hanse.fronts.pages.signing_in.asked_for"
AXES_LOCKOUT_CALLABLE = "hanse.fronts.pages.signing_in.locked_out"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # the trail of Hanse says who did what
AXES_VERBOSE = False

# --- sessions, cookies, headers ---

SESSION_COOKIE_NAME = "__Host-hanse" if PUBLISHED else "hanse"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = PUBLISHED
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-hanse-form" if PUBLISHED else "hanse-form"
CSRF_COOKIE_SECURE = PUBLISHED
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "hanse.fronts.pages.errors.form_refused"
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS] if PUBLISHED else []
LANGUAGE_COOKIE_NAME = "__Host-hanse-language" if PUBLISHED else "hanse-language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = PUBLISHED
SECURE_SSL_REDIRECT = PUBLISHED
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLISHED else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PUBLISHED else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PUBLISHED
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# pictures below the partner map, from a server that an installation chooses; without one the map needs nobody else
HANSE_MAP_TILES, HANSE_MAP_CREDIT, _TILES = tiles.configured(os.environ)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *_TILES],  # the small pictures inside the style sheet
        "font-src": ["'self'"],
        "connect-src": ["'self'", *_TILES],
        "worker-src": ["'self'"],  # the map is prepared beside the page
        "object-src": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["hanse.fronts.pages.uploads.Bounded"]
HANSE_UPLOAD_LIMIT = uploads.limit_of("HANSE_UPLOAD_LIMIT")  # bytes of one file that is dropped to be imported
