"""Nothing of its own: the database of these tests is that of database.py, which tests of the pages share."""

from database import Installation, administered, connect, database_url

__all__ = ["Installation", "administered", "connect", "database_url"]
