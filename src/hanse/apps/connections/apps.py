"""The app as Django knows it."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "hanse.apps.connections"
    label = "connections"
    default_auto_field = "django.db.models.BigAutoField"
