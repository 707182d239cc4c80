"""The app as Django knows it."""

from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    name = "hanse.apps.duplicates"
    label = "duplicates"
    default_auto_field = "django.db.models.BigAutoField"
