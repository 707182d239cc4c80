"""The app as Django knows it."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "hanse.apps.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"
