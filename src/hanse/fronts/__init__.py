"""Thin fronts, one per audience."""
