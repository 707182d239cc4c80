"""Who may record facts, correct them, take them back?"""

from __future__ import annotations

from hanse.apps.accounts.policy import CHIEF, INTERNAL, PROGRAMME, register
from hanse.apps.accounts.roles import ADMINISTRATOR

register(
    {
        "evidence.columns_of": INTERNAL,
        "evidence.open_batch": INTERNAL,
        "evidence.create_staging": INTERNAL,
        "evidence.add_staged": INTERNAL,
        "evidence.settle": INTERNAL,
        "evidence.follow": INTERNAL,
        "evidence.insert": INTERNAL,
        "evidence.erase": INTERNAL,
        "evidence.record_entry": PROGRAMME | {"partner_manager"},
        "evidence.record_correction": PROGRAMME,
        "evidence.record_waiver": PROGRAMME,
        "evidence.record_approval": PROGRAMME,
        "evidence.correct": PROGRAMME,
        "evidence.describe": {ADMINISTRATOR},
        "evidence.withdraw": PROGRAMME,
        "evidence.merge": PROGRAMME,
        "evidence.unmerge": PROGRAMME,
        "evidence.became": PROGRAMME,
        "evidence.unbecame": PROGRAMME,
        "evidence.trust": PROGRAMME,
        "evidence.erase_person": CHIEF,
    }
)
