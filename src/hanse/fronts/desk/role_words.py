"""What is a role called, and an action that it may do?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanse.language.words import mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hanse.language.words import Words

ROLES = {
    "channel_chief": mark("channel chief"),
    "programme_manager": mark("programme manager"),
    "partner_manager": mark("partner manager"),
    "finance": mark("finance"),
    "adviser": mark("adviser"),
    "executive": mark("executive"),
    "auditor": mark("auditor"),
    "partner_administrator": mark("partner administrator"),
    "partner_member": mark("partner member"),
}
APPS = {
    "duplicates": mark("Duplicates"),
    "likeness": mark("Likeness"),
    "accounts": mark("Users and roles"),
    "imports": mark("Imports"),
    "registry": mark("Partners"),
    "places": mark("Places"),
    "evidence": mark("Facts"),
    "evaluation": mark("Evaluations"),
    "standings": mark("Standings and runs"),
    "programmes": mark("Programmes"),
    "connections": mark("Connections"),
}
ACTIONS = {
    "duplicates.look": mark("compare all records"),
    "duplicates.decide": mark("decide which records are one firm"),
    "duplicates.see": mark("see which records may be one firm"),
    "duplicates.tell_apart": mark("say that a firm is another one than it looks like"),
    "likeness.see": mark("be told which existing firm a new one looks like"),
    "accounts.user_add": mark("add a user"),
    "accounts.user_deactivate": mark("close an account"),
    "accounts.user_reactivate": mark("open a closed account again"),
    "accounts.role_grant": mark("give a role (nobody to themselves; of the vendor's roles only a channel chief)"),
    "accounts.role_end": mark("end a role: one's own, or one that may be given"),
    "accounts.password_set": mark("set a password: one's own; a channel chief everybody's"),
    "accounts.profile_set": mark("change one's own name, language and time zone"),
    "accounts.invite_again": mark("make a link to choose a password"),
    "accounts.see_as": mark("see the portal as a partner's user does, changing nothing"),
    "accounts.see_as_end": mark("end seeing as somebody else"),
    "accounts.view_save": mark("keep a view of a list"),
    "accounts.view_change": mark("rename or share one's own view"),
    "accounts.view_delete": mark("delete one's own view"),
    "accounts.view_first": mark("say with which view a list opens"),
    "evidence.record_entry": mark("record facts by hand"),
    "evidence.record_correction": mark("record corrections"),
    "evidence.record_waiver": mark("record waivers"),
    "evidence.record_approval": mark("record approvals"),
    "evidence.describe": mark("say what one's own firm is like"),
    "evidence.correct": mark("correct a fact"),
    "evidence.withdraw": mark("take back what was recorded at once"),
    "registry.confirm": mark("confirm what is known of one's own firm"),
    "evidence.merge": mark("merge two records of one firm"),
    "evidence.unmerge": mark("take a merger back"),
    "evidence.trust": mark("say which source of a firm’s fields is believed first"),
    "evidence.became": mark("say that a firm was renamed, split or closed, or to whom it belongs"),
    "evidence.unbecame": mark("take back what became of a firm"),
    "evidence.erase_person": mark("erase a person on legal request"),
    "imports.import_file": mark("import files"),
    "imports.upload": mark("upload a file and look at it"),
    "imports.resume": mark("go on with an import that stopped"),
    "imports.undo": mark("undo an import"),
    "imports.see": mark("see imports and the rows they refused"),
    "imports.erase_person": mark("erase a person on legal request"),
    "registry.visibility_set": mark("say who may see one's own firm"),
    "connections.ask": mark("ask another partner for a connection"),
    "connections.accept": mark("accept a connection"),
    "connections.decline": mark("decline a connection"),
    "connections.withdraw": mark("end a connection, or take a request back"),
    "connections.joint_ask": mark("ask a connected firm what the level of both would be together"),
    "connections.joint_agree": mark("agree that both see what their level would be together"),
    "connections.joint_end": mark("no longer agree to that"),
    "connections.give": mark("say what connections see of one's own firm"),
    "places.see": mark("see which places are known"),
    "places.choose": mark("say where a place is that could not be found"),
    "programmes.see": mark("read the rules that are shown to them"),
    "programmes.install": mark("install an edition"),
    "programmes.pilot": mark("show an edition to a pilot group"),
    "programmes.publish": mark("publish an edition"),
    "programmes.office": mark("see the programme office"),
    "programmes.draft": mark("draft an edition"),
    "programmes.ask": mark("ask for a second approval"),
    "programmes.approve": mark("approve as the second person"),
    "programmes.remark": mark("comment on a rehearsed change"),
    "programmes.feedback": mark("say what a piloted edition would mean"),
    "standings.see": mark("see standings of one's own partners"),
    "standings.see_lists": mark("see the lists of partners"),
    "standings.see_runs": mark("see runs and what they add up to"),
    "evaluation.evaluate": mark("start an evaluation"),
    "evaluation.rehearse": mark("rehearse a change"),
    "evaluation.see_rehearsals": mark("see rehearsals"),
    "evaluation.see_holders": mark("see who holds a competency"),
    "evaluation.what_if": mark("try what would be, if"),
    "evaluation.transitions": mark("see what an edition to come would give"),
    "evaluation.repeat": mark("repeat a run, to prove it"),
    "evaluation.approve": mark("answer a level that waits for a person"),
    "evaluation.confirm": mark("confirm a run: its levels are held from then on"),
}


def role(name: str, words: Words) -> str:
    """What a role is called."""
    return words.say(ROLES[name]) if name in ROLES else name.replace("_", " ")


def action(name: str, words: Words) -> str:
    """What an action does."""
    return words.say(ACTIONS[name]) if name in ACTIONS else name.rpartition(".")[2].replace("_", " ")


def place(action: str) -> tuple[int, str]:
    """Where an action stands in its table."""
    return (list(ACTIONS).index(action) if action in ACTIONS else len(ACTIONS), action)


def in_order(names: Iterable[str]) -> list[str]:
    """Roles as they are listed: the vendor's first."""
    rank = {name: at for at, name in enumerate(ROLES)}
    return sorted(names, key=lambda name: rank.get(name, len(rank)))
