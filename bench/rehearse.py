"""What does a rehearsal cost after an evaluation?

    python bench/rehearse.py [--partners N] [--repeat K] [--json]

The change: ten competencies retired and the revenue for Gold up by a quarter. Counted in the same process and
engine: the evaluation, then all that the rehearsal adds (the changed edition's outputs, the moves, the report).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from _measure import BENCH, Figure, call, child, facts_and_folder, report
from generate import EDITION, PARTNERS

SHARE = 0.35
RETIRED = 10


def changed_edition(folder: Path) -> Path:
    """A copy of the edition with ten competencies retired, every fourth, and Gold dearer by a quarter."""
    shutil.copytree(EDITION, folder)
    programme, competencies, levels = (_read(folder, name) for name in ("programme", "competencies", "levels"))
    programme["edition"] = "2"
    for name in list(competencies["competencies"])[2 : 2 + 4 * RETIRED : 4]:
        competencies["competencies"][name]["until"] = "2017-01-31"
    for requirement in levels["gold"]["all_of"]:
        if "revenue" in requirement:
            asked = requirement["revenue"]["at_least"]
            for country_class, amount in asked.items():
                number = int(str(amount).removesuffix(" USD").replace("_", ""))
                asked[country_class] = f"{number * 5 // 4} USD"
    for name, content in (("programme", programme), ("competencies", competencies), ("levels", levels)):
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        (folder / f"{name}.yaml").write_text(text.replace("'2017-01-31'", "2017-01-31"), encoding="utf-8")
    return folder


def _read(folder: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


def main() -> None:
    """The command."""
    asked = call("What does a rehearsal cost after an evaluation?").parse_args()
    evaluations, rehearsals, peaks = [], [], []
    with facts_and_folder(asked) as (facts, folder):
        changed = changed_edition(folder / "changed")
        for turn in range(asked.repeat):
            out = folder / f"out{turn}"
            spent = child(BENCH / "_engine.py", "rehearse", facts, out, str(asked.threads), changed)
            seconds = json.loads(spent.output)
            evaluations.append(seconds["evaluation"])
            rehearsals.append(seconds["rehearsal"])
            peaks.append(spent.peak)
            summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
            shutil.rmtree(out)
    evaluation, rehearsal = median(evaluations), median(rehearsals)
    figures = [
        Figure("partners", asked.partners, "partners"),
        Figure("evaluation", round(evaluation, 2), "processor seconds"),
        Figure("rehearsal after it", round(rehearsal, 2), "processor seconds"),
        Figure(
            "share",
            round(rehearsal / evaluation, 3),
            "of an evaluation",
            SHARE if asked.partners >= PARTNERS else None,
        ),
        Figure("peak memory", round(max(peaks)), "MB"),
    ]
    report(
        "rehearse",
        figures,
        as_json=asked.json,
        more={"sentences": summary.get("sentences"), "steps": seconds},
    )


if __name__ == "__main__":
    main()
