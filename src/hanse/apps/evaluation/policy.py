"""Who may have partners judged, and let a level that waits for a person go?"""

from __future__ import annotations

from hanse.apps.accounts import roles
from hanse.apps.accounts.policy import INTERNAL, PROGRAMME, register

register(
    {
        "evaluation.evaluate": PROGRAMME,
        "evaluation.rehearse": PROGRAMME,
        "evaluation.see_rehearsals": roles.VENDOR,
        "evaluation.see_holders": roles.EVERYWHERE,
        "evaluation.repeat": PROGRAMME | {"auditor"},
        "evaluation.approve": PROGRAMME,
        "evaluation.confirm": PROGRAMME,
        "evaluation.new_fact": INTERNAL,
        "evaluation.correct_fact": INTERNAL,
        "evaluation.waive": INTERNAL,
        "evaluation.touched": INTERNAL,
        "evaluation.evaluate_touched": INTERNAL,
        "evaluation.evaluate_nightly": INTERNAL,
        "evaluation.recover": INTERNAL,
    }
)
