"""The app as Django knows it."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "hanse.apps.evaluation"
    label = "evaluation"
    default_auto_field = "django.db.models.BigAutoField"
