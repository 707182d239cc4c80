"""The app as Django knows it."""

from django.apps import AppConfig


class StandingsConfig(AppConfig):
    name = "hanse.apps.standings"
    label = "standings"
    default_auto_field = "django.db.models.BigAutoField"
