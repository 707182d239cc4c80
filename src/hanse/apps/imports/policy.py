"""Who may import files, and take them back?"""

from __future__ import annotations

from hanse.apps.accounts.policy import CHIEF, PROGRAMME, register

register(
    {
        "imports.import_file": PROGRAMME,
        "imports.resume": PROGRAMME,
        "imports.undo": PROGRAMME,
        "imports.upload": PROGRAMME,
        "imports.see": PROGRAMME | {"auditor"},
        "imports.erase_person": CHIEF,
    }
)
