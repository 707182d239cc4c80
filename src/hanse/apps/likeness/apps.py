"""The app as Django knows it."""

from django.apps import AppConfig


class LikenessConfig(AppConfig):
    name = "hanse.apps.likeness"
    label = "likeness"
    default_auto_field = "django.db.models.BigAutoField"
