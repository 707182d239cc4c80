"""The app as Django knows it."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "hanse.apps.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
