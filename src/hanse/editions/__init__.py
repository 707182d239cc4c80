"""Programmes as data: one folder per programme and edition."""
