"""Gathers facts, decides, records: batches, single partners, jobs."""
