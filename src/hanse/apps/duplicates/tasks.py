"""What happens beside the pages: all records are looked at."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(queue="evaluation", pass_context=False)
def look() -> int:
    """Looks for records that are one firm."""
    from hanse.apps.duplicates import looking

    return looking.run()
