"""The details of an explanation: who holds what, what it gives, and which facts did not count."""

from __future__ import annotations

from rich.padding import Padding
from rich.text import Text

from hanse.decisions.explanation_views import BenefitView, FactRow, FactsView, NotCounted, Requirement
from hanse.decisions.mistakes import SENTENCES
from hanse.fronts.cli.explanation_sheet import Sheet, columns_of
from hanse.fronts.pages import telling

PEOPLE, MISTAKES = 12, 12  # how many of a list are shown


class Details(Sheet):
    """Sections, each left out where it has nothing to say."""

    def _competencies(self) -> None:
        held = [c for c in self.told.competencies if c.held]
        near = [c for c in self.told.competencies if not c.held]
        if held:
            self._heading(self.words.say("Competencies held"))
            for one in held:
                self._item(one.label, one.depth_label or "")
        if near:
            self._heading(self.words.say("Competencies nearly held: one requirement is missing"))
            for one in near:
                lacks = "; ".join(self._lack(r) for r in one.requirements if not r.met)
                self._item(one.label, " · ".join(t for t in (one.depth_label, lacks) if t))
        if self.told.assignments:
            self._heading(self.words.say("Who serves which competency"))
            for name, people in self.told.assignments.items():
                self._item(name, ", ".join(people))

    def _lack(self, one: Requirement) -> str:
        actual, needed = self._numbers(one)
        return self.words.say("{name}: {what}", name=one.label, what=f"{actual} ({needed})" if needed else actual)

    def _people(self) -> None:
        """Whose certificates count for the next level or the achieved one, then by competency."""
        wanted = [
            a.requirement.metric for level in (*self.told.next[:1], self.told.own) if level for a in level.requirements
        ]
        whole = [self.facts[(m, None)] for m in dict.fromkeys(wanted) if (m, None) in self.facts]
        for view in (v for v in whole if v.people):
            self._heading(self.words.say("Who counts for: {requirement}", requirement=view.label))
            firms = {str(r.values.get("person")): r.partner for r in view.first if r.partner}
            for person, what in list(view.people.items())[:PEOPLE]:
                name = f"{person} ({firms[person]})" if person in firms else person
                self._item(name, self.words.listed([w for w in what if w], 8))
            if len(view.people) > PEOPLE:
                self._item("", self.words.many("and {n} more", "and {n} more", len(view.people) - PEOPLE))
        split = [v for v in self.facts.values() if v.competency and v.people]
        if split:
            self._heading(self.words.say("Who counts for which competency"))
        for one in self.told.competencies:
            for view in (v for v in split if v.competency == one.competency):
                people = self.words.listed(view.people, 8)
                self._item(one.label, self.words.say("{name}: {what}", name=view.label, what=people))

    def _benefits(self) -> None:
        if not self.told.benefits:
            return
        self._heading(self.words.say("Benefits"))
        table = columns_of(0, 0, 0, 0)
        for one in self.told.benefits:
            used = self.words.say(
                "{used} used, {left} left", used=self.words.number(one.used), left=self.words.number(one.left)
            )
            plain = one.quantity == 1 and not one.used and not one.currency
            table.add_row(
                one.label,
                Text("" if plain else self._quantity(one)),
                "" if plain else used,
                Text(self._period(one), "dim"),
            )
        self.console.print(Padding(table, (0, 0, 0, 1)))

    def _quantity(self, one: BenefitView) -> str:
        if one.currency:
            return self.words.money(one.quantity, one.currency)
        return self.words.number(one.quantity)

    def _period(self, one: BenefitView) -> str:
        if one.first and one.last:
            return self.words.say("{first} to {last}", first=self.words.day(one.first), last=self.words.day(one.last))
        return ""

    def _results(self) -> None:
        if not self.told.results:
            return
        self._heading(self.words.say("What else the programme says"))
        for one in self.told.results:
            label = f"{one.label} · {one.subject}" if one.subject else one.label
            self._item(label, self._value(one.value, one.unit))

    def _exceptions(self) -> None:
        if not self.told.exceptions:
            return
        self._heading(self.words.say("Waived or protected"))
        for one in self.told.exceptions:
            text = self.words.say(
                "{reason}, until {day}, by {by}", reason=one.reason, day=self.words.day(one.last), by=one.by
            )
            self._item(one.subject.replace("_", " "), text)

    def _left_out(self) -> None:
        """Facts that did not count, by metric and reason; of competencies only those that lack something."""
        near = {c.competency: c for c in self.told.competencies if not c.held}
        lacking = {(r.metric, c) for c, one in near.items() for r in one.requirements if not r.met}
        views = [v for k, v in self.facts.items() if v.not_counted and (v.competency is None or k in lacking)]
        rows = [(view, refused) for view in views for refused in view.not_counted if not self._plain(view, refused)]
        if not rows:
            return
        self._heading(self.words.say("Facts that did not count"))
        table = columns_of(40, 0, 44, 60)
        shown = ""
        for view, refused in rows:
            label = f"{view.label} · {near[view.competency].label}" if view.competency else view.label
            table.add_row(
                "" if label == shown else label,
                self._rows(view.table, refused.rows),
                self._reason(refused),
                Text(self._first(refused), "dim"),
            )
            shown = label
        self.console.print(Padding(table, (0, 0, 0, 1)))

    def _plain(self, view: FactsView, refused: NotCounted) -> bool:
        """A certificate for sales is no surprise where technical ones are counted."""
        return view.competency is not None and refused.reason == "does not match"

    def _reason(self, refused: NotCounted) -> str:
        return telling.reason(refused, self.words)

    def _first(self, refused: NotCounted) -> str:
        """The first row in its own words."""
        if not refused.first:
            return ""
        more = self.words.say("for instance") if refused.rows > 1 else ""
        return f"{more} {self._row(refused.first[0])}".strip()

    def _row(self, row: FactRow) -> str:
        return " ".join([*telling.row(row, self.words), telling.place(row)]).strip()

    def _bad_rows(self) -> None:
        if not self.told.problems:
            return
        self._heading(self.words.say("Rows with a mistake, not counted"))
        whats = [what for what, _ in SENTENCES.values()]
        whys = [why for _, why in SENTENCES.values()]
        for one in self.told.problems[:MISTAKES]:
            text = f"{self.words.sentence(one.what, whats)}; {self.words.sentence(one.why, whys)}"
            self._item(f"{one.file}:{one.line}", text)
        if len(self.told.problems) > MISTAKES:
            self._item("", self.words.many("and {n} more", "and {n} more", len(self.told.problems) - MISTAKES))
