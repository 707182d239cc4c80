"""Editions of programmes in the system: installed, drafted, piloted, announced, in force, retired."""
