"""Does `hanse explain` say it shortly, in both languages, as data, and quickly?"""

import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from engines.channel import EDITION, made
from hanse.fronts.cli import messages
from hanse.fronts.cli.explain import explain
from hanse.language.problems import CallError, HanseError
from hanse.language.words import LANGUAGES, Words, language_of

Folders = tuple[Path, Path]
app = typer.Typer()
app.command()(explain)
SHORT = (
    "SELECT partner FROM read_parquet(?) WHERE subject = 'gold' "
    "GROUP BY partner HAVING SUM(CASE WHEN met THEN 0 ELSE 1 END) = 1"
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return made(tmp_path_factory.mktemp("channel"))


@pytest.fixture(scope="module")
def short_of_gold(folders: Folders) -> str:
    sql = f"SELECT MIN(partner) FROM read_parquet(?) WHERE level = 'silver' AND partner IN ({SHORT})"
    row = duckdb.execute(sql, [str(folders[1] / "standings.parquet"), str(folders[1] / "checks.parquet")]).fetchone()
    assert row
    assert row[0]
    return str(row[0])


def said(*arguments: object, language: str = "en") -> str:
    words = ["partnerworld/2017", *map(str, arguments), "--language", language]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_first_lines_say_where_it_stands_and_what_is_missing(folders: Folders, short_of_gold: str) -> None:
    lines = said("--run", folders[1], "--partner", short_of_gold).splitlines()
    assert re.search(r"^BP-\S+ .*PartnerWorld 2017, as of 30 Jun 2017", lines[0])
    assert re.search(r"^Silver since \d+ \w+ \d{4}\..* For Gold: 1 of 5 requirements is missing\.", lines[1])
    page = "\n".join(lines[3:9])
    assert page.count("MISSING") == 1
    assert page.count(" met ") == 4
    assert re.search(r"≥ US\$\d", page)
    assert "guide, capability criteria" in page


def test_facts_are_listed_where_they_are_at_hand(folders: Folders, short_of_gold: str) -> None:
    page = said("--run", folders[1], "--facts", folders[0], "--partner", short_of_gold)
    for heading in ("Who counts for: certified people", "Benefits", "Facts that did not count"):
        assert heading in page
    assert "surveys from 1 Jul 2016" in page
    assert "With --facts DIR" not in page


def test_everything_is_french_in_french(folders: Folders, short_of_gold: str) -> None:
    page = said("--run", folders[1], "--facts", folders[0], "--partner", short_of_gold, language="fr")
    assert re.search(r"^Argent depuis le .* Pour Or, il manque 1 exigence sur 5\.", page, re.MULTILINE)
    assert "MANQUE" in page
    assert re.search("≥ \\d[\\d\u202f]* \\$US|≥ \\d[\\d\u202f]*\xa0\\$US", page)
    english = {str(m.id) for m in messages.messages() if isinstance(m.id, str) and len(m.id) > 12 and "{" not in m.id}
    assert {m for m in english if m in page} == set()


def test_data_is_the_same_in_every_way_of_asking(folders: Folders, short_of_gold: str) -> None:
    run = json.loads(said("--run", folders[1], "--partner", short_of_gold, "--json"))
    alone = json.loads(said("--facts", folders[0], "--as-of", "2017-06-30", "--partner", short_of_gold, "--json"))
    assert (run["level"], run["next"][0]["level"], len(run["next"][0]["missing"])) == ("silver", "gold", 1)
    changed = {"facts", "exceptions", "partner"}
    assert {k: v for k, v in run.items() if k not in changed} == {k: v for k, v in alone.items() if k not in changed}
    assert alone["facts"]


def test_a_partner_that_has_left_is_told_so(folders: Folders) -> None:
    sql = "SELECT partner FROM read_parquet(?) WHERE \"left\" <= DATE '2017-06-30' ORDER BY partner LIMIT 1"
    row = duckdb.execute(sql, [str(folders[0] / "partners.parquet")]).fetchone()
    assert row
    page = said("--run", folders[1], "--facts", folders[0], "--partner", row[0])
    assert "The partner left on" in page
    assert "MISSING" not in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--as-of", "30.6.2017"], "'30.6.2017' is not a day"),
        (["--known-at", "noon"], "'noon' is not a moment"),
        (["--language", "de"], "'de' is not a language of Hanse"),
    ],
)
def test_a_wrong_argument_is_refused_with_a_remedy(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(app, ["partnerworld/2017", "--partner", "P", *arguments])
    assert isinstance(done.exception, HanseError)
    assert message in str(done.exception)
    assert "remedy:" in str(done.exception)


def test_a_finished_run_is_explained_without_the_heavy_imports(folders: Folders, short_of_gold: str) -> None:
    program = (
        "import sys, typer; from hanse.fronts.cli.explain import explain; app = typer.Typer(); "
        "app.command()(explain)\n"
        "app(sys.argv[1:], standalone_mode=False)\n"
        "print([m for m in ('sqlglot', 'scipy', 'pyarrow', 'hanse.language.model') if m in sys.modules])"
    )
    arguments = [EDITION, "--run", str(folders[1]), "--partner", short_of_gold]
    done = subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


# -- languages --------------------------------------------------------------------------------------

OTHERS = sorted(set(LANGUAGES) - {"en"})


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_of_the_code_is_translated(language: str) -> None:
    assert messages.untranslated(messages.current(language)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_catalogues_are_current(language: str) -> None:
    catalogue = messages.current(language)
    assert messages.path_of(language, "po").read_bytes() == messages.text_of(catalogue), "run make messages"
    assert messages.path_of(language, "mo").read_bytes() == messages.compiled(catalogue), "run make messages"


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_fields_of_their_messages(language: str) -> None:
    for message in messages.current(language):
        ids = message.id if isinstance(message.id, tuple | list) else [message.id]
        texts = message.string if isinstance(message.string, tuple | list) else [message.string]
        if message.id:
            wanted = {f for text in ids for f in re.findall(r"\{[^}]*\}", text)}
            assert {f for text in texts for f in re.findall(r"\{[^}]*\}", text)} == wanted, message.id


def test_the_language_comes_from_the_environment() -> None:
    assert language_of({"LANG": "fr_CA.UTF-8"}) == "fr"
    assert language_of({"LANG": "de_DE.UTF-8"}) == "en"
    assert language_of({"LC_ALL": "en_GB", "LANG": "fr_FR"}) == "en"
    assert language_of({"LANG": "C.UTF-8"}) == "en"
    assert language_of({}) == "en"
    with pytest.raises(CallError):
        Words("xx")


def test_sentences_about_bad_rows_are_translated_with_their_values() -> None:
    from hanse.decisions.mistakes import SENTENCES

    words, whats = Words("fr"), [what for what, _ in SENTENCES.values()]
    assert words.sentence("country 'XX' does not exist", whats) == "le pays 'XX' n'existe pas"
    assert (
        words.sentence("on 2009-01-01 lies before the partner joined", whats)
        == "on 2009-01-01 précède l'arrivée du partenaire"
    )
    assert words.sentence("something else", whats) == "something else"


def test_numbers_money_and_shares_follow_the_locale() -> None:
    english, french = Words("en"), Words("fr")
    assert (english.number(1234.5), french.number(1234.5)) == ("1,234.5", "1\u202f234,5")
    assert (english.quantity(200000, "USD"), french.quantity(200000, "USD")) == (
        "US$200,000",
        "200\u202f000\xa0$US",
    )
    assert (english.quantity(70.5, "percent"), french.quantity(70.5, "percent")) == ("70.5%", "70,5\xa0%")
    assert english.listed(list("abcdefgh"), 6) == "a, b, c, d, e, f and 2 more"
