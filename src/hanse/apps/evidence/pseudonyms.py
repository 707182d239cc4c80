"""Which name takes the place of an erased person's key?

One that leads nowhere, and whose lot (`language/lots.py`) falls where that of the key did among all people who may ever be put
forward beside the person: so an old run, repeated, puts forward whom it did.
"""

from __future__ import annotations

import secrets

from django.db import connection

from hanse.language.lots import in_the_place_of

# The people of all partners that are tied to the person's by group, ownership or mergers, whatever of it counts, and since when.
_BESIDE = """
WITH RECURSIVE near(partner) AS (
    SELECT partner FROM evidence_people WHERE person = %(person)s
    UNION SELECT t.partner FROM near AS n CROSS JOIN LATERAL (
        SELECT o.owned AS partner FROM evidence_ownership AS o WHERE o.owner = n.partner
        UNION ALL SELECT o.owner FROM evidence_ownership AS o WHERE o.owned = n.partner
        UNION ALL SELECT q.partner FROM evidence_partners AS p JOIN evidence_partners AS q ON q."group" = p."group"
            WHERE p.partner = n.partner
        UNION ALL SELECT e."into" FROM evidence_events AS e WHERE e.partner = n.partner AND e."into" IS NOT NULL
        UNION ALL SELECT e.partner FROM evidence_events AS e WHERE e."into" = n.partner
    ) AS t
) SELECT DISTINCT p.person FROM near AS n JOIN evidence_people AS p ON p.partner = n.partner
"""


def pseudonym_for(person: str) -> str:
    """A new pseudonym. To be called while nobody else records facts."""
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, {"person": person})
        beside = [str(row[0]) for row in cursor.fetchall()]
    return in_the_place_of(person, beside, lambda: f"erased-{secrets.token_hex(8)}")
