"""An explanation for the eye: first where the partner stands and what it lacks, then the details."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from hanse.decisions.explanation_views import Asked, Explanation, FactsView, LevelView, Requirement
from hanse.fronts.cli.explanation_details import Details
from hanse.fronts.cli.explanation_sheet import columns_of
from hanse.fronts.pages import telling
from hanse.language.words import Words, mark

_STATUS = {"lapsed": mark("lapsed"), "unpublished": mark("unpublished")}
FEW = 3  # competencies named beside a number


def show(told: Explanation, words: Words, console: Console) -> None:
    """Writes the whole explanation to a console."""
    _Page(told, words, console).show()


class _Page(Details):
    def show(self) -> None:
        say, partner = self.words.say, self.told.partner
        who = " · ".join(t for t in (partner.name, partner.country and self.words.country(partner.country)) if t)
        title = say("{title}, as of {day}", title=self.told.title, day=self.words.day(self.told.as_of))
        self.console.print(Text.assemble((partner.partner, "bold"), f"  {who}" if who else "", ("   " + title, "dim")))
        if self.told.rules_as_of != self.told.as_of:
            self.console.print(say("By the rules of {day}.", day=self.words.day(self.told.rules_as_of)), style="dim")
        if self.told.known_at:
            known = self.words.moment(datetime.fromisoformat(self.told.known_at))
            self.console.print(say("As it was known on {moment}.", moment=known), style="dim")
        if self.told.level_label is None and not self.told.status:
            self._absent()
            return
        self._standing()
        ways = self.told.next or ((self.told.own,) if self.told.own else ())
        if ways:
            self.console.print()
            self.console.print(self._requirements(ways[0]))
        for level in ways[1:]:
            self._level(level)
        if self.told.own and self.told.next:
            self._level(self.told.own)
        for part in (
            self._competencies,
            self._people,
            self._benefits,
            self._results,
            self._exceptions,
            self._left_out,
            self._bad_rows,
        ):
            part()
        if self.told.facts is None:
            self._print()
            self._print(
                say("With --behind (of files: --facts DIR) the facts behind these numbers are listed too."), "dim"
            )

    def _absent(self) -> None:
        """No standing: why."""
        say, partner = self.words.say, self.told.partner
        if partner.standing == "left" and partner.left:
            text = say("The partner left on {day} and has no standing.", day=self.words.day(partner.left))
        elif partner.standing == "not_yet" and partner.joined:
            text = say("The partner joins on {day}: it has no standing yet.", day=self.words.day(partner.joined))
        elif partner.standing == "refused":
            text = say("The partner's own row is not valid, so it has no standing.")
        else:
            text = say("The partner has no standing on that day.")
        self._print(text, "bold yellow")
        self._bad_rows()

    def _standing(self) -> None:
        say, told = self.words.say, self.told
        none = say("no level")
        granted, level, expected = (t or none for t in (told.granted_label, told.level_label, told.expected_label))
        text = Text()
        if told.granted and told.granted_from:
            text.append(say("{level} since {day}.", level=granted, day=self.words.day(told.granted_from)), "bold")
        else:
            text.append(say("{level}.", level=granted), "bold")
        if told.granted != told.level:
            until = told.granted_until and self.words.day(told.granted_until)
            text.append(" " + (say("In force until {day}.", day=until) if until else say("In force.")))
            text.append(" " + say("The facts of the day give {level}.", level=level), "yellow")
        if told.expected != told.granted:
            text.append(" " + say("At the next review: {level}, if nothing changes.", level=expected), "yellow")
        text.append(self._ahead())
        self.console.print(text)
        if told.path:
            self._print(say("Reached by the way of {path}.", path=told.path.replace("_", " ")))
        if told.awaiting:
            name, _, answers = told.awaiting.partition(": ")
            self._print(
                say(
                    "All is met for {level} but what a person answers: {answers}.",
                    level=self._level_name(name),
                    answers=answers.replace("_", " "),
                ),
                "cyan",
            )
        if told.status and told.status != "active":
            self._print(say("Status: {status}.", status=say(_STATUS.get(told.status, told.status))), "yellow")

    def _ahead(self) -> str:
        if not self.told.next:
            return " " + self.words.say("There is no higher level.")
        level = self.told.next[0]
        return " " + self._summary(level)

    def _summary(self, level: LevelView) -> str:
        return telling.summary(level, self.words)

    def _level_name(self, name: str) -> str:
        return next((v.label for v in self.told.next if v.level == name), name)

    def _level(self, level: LevelView) -> None:
        """A level that is not the next one, as a section of its own."""
        own = self.told.own is level
        heading = self.words.say("What {level} asks", level=level.label) if own else self._summary(level)
        self._heading(heading)
        self.console.print(self._requirements(level))

    def _requirements(self, level: LevelView) -> Padding:
        table = columns_of(0, 0, 0, 0, 46, 36)
        above: tuple[str, ...] = ()
        for asked in level.requirements:
            for depth, word in enumerate(asked.under):
                if asked.under[: depth + 1] != above[: depth + 1]:
                    table.add_row("", Text("  " * depth + self._word(word), "dim italic"), "", "", "", "")
            above = asked.under
            table.add_row(*self._line(asked, set(level.missing)))
        return Padding(table, (0, 0, 0, 1))

    def _word(self, word: str) -> str:
        return telling.branch(word, self.told, self.words)

    def _line(self, asked: Asked, missing: set[str]) -> list[Text | str]:
        one = asked.requirement
        state, style = self._state(one, missing)
        actual, needed = self._numbers(one)
        return [
            Text(state, style),
            Text("  " * asked.depth + one.label),
            Text(actual, justify="right"),
            needed,
            Text(self._detail(one), "" if one.met else "bold"),
            Text(one.clause or "", "dim"),
        ]

    def _state(self, one: Requirement, missing: set[str]) -> tuple[str, str]:
        say = self.words.say
        if one.met and one.note:
            return (say("waived") if one.note == "waived" else say("suspended")), "cyan"
        if one.met:
            return say("met"), "green"
        if one.requirement not in missing:
            return say("not met"), "dim"
        return (say("AWAITED") if one.kind == "human" else say("MISSING")), "bold red"

    def _detail(self, one: Requirement) -> str:
        parts = []
        if one.note and one.note != "waived":
            parts.append(one.note)
        elif one.note:
            parts += self._waiver(one)
        parts.append(telling.short(one, self.words))
        view = self.facts.get((one.metric, None))
        if view is not None:
            parts.append(self._counted(view))
        if self._counts_competencies(one):
            held = [c.label for c in self.told.competencies if c.held]
            parts.append(self.words.say("held: {names}", names=self.words.listed(held, FEW)))
        return "; ".join(p for p in parts if p)

    def _counts_competencies(self, one: Requirement) -> bool:
        """All that are held, and not only those of one depth or area."""
        return one.table == "competencies_held" and one.actual == sum(c.held for c in self.told.competencies) > 0

    def _counted(self, view: FactsView) -> str:
        """`11 surveys from 1 Jul 2016`."""
        counted = self._rows(view.table, view.rows)
        return (
            counted
            if view.since is None
            else self.words.say("{counted} from {day}", counted=counted, day=self.words.day(view.since))
        )

    def _waiver(self, one: Requirement) -> list[str]:
        found = [e for e in self.told.exceptions or () if e.subject.rpartition(":")[2] == one.requirement]
        return [self.words.say("until {day}: {reason}", day=self.words.day(e.last), reason=e.reason) for e in found[:1]]
