"""The app as Django knows it."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "hanse.apps.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
