"""An administrator acts for its firm; its members look."""

from __future__ import annotations

from hanse.apps.accounts.policy import register
from hanse.apps.accounts.roles import ADMINISTRATOR

register({
    "connections.ask": {ADMINISTRATOR},
    "connections.accept": {ADMINISTRATOR},
    "connections.decline": {ADMINISTRATOR},
    "connections.withdraw": {ADMINISTRATOR},
    "connections.give": {ADMINISTRATOR},
    "connections.joint_ask": {ADMINISTRATOR},
    "connections.joint_agree": {ADMINISTRATOR},
    "connections.joint_end": {ADMINISTRATOR},
})  # fmt: skip
