"""What people come for, from the first page to the last, in a real browser over the served installation."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser

from fronts import world
from fronts.world import QUARZ, ZEPHYR
from journeys.conftest import Visited
from journeys.visitor import Visitor

SOLD = f"""partner,on,amount,currency,customer
{ZEPHYR.key},2026-04-11,1200,EUR,harbour board
{ZEPHYR.key},2026-04-31,800,EUR,town hall
{QUARZ.key},2026-05-02,ten,EUR,city library
"""
WORKS = True


def test_a_partner_finds_out_what_it_misses_and_tries_a_what_if(window: Browser, visited: Visited) -> None:
    mia = Visitor(window, visited.url)
    mia.signs_in(world.address(f"member.{QUARZ.word}"))
    mia.follows("Standing")
    mia.is_on("Quarz1 Conseil")
    mia.reads("For Gold: 1 of 4 requirements is missing.")
    assert "€271,828" in mia.row("revenue")
    assert "€228,172 more" in mia.row("revenue")
    mia.follows(re.compile("^facts behind revenue"))
    mia.reads("20 Feb 2026")

    mia.follows("What if…")
    mia.reads("What if: nothing here is saved.")
    mia.unfolds("A sale closes")
    mia.fills("Amount", "228,000")
    mia.presses(re.compile("Suppose A sale closes"))
    mia.reads("€172 more")
    mia.follows(re.compile("^remove"))
    mia.follows(re.compile("^1 more sale"))
    mia.reads("Gold")
    assert "now met" in mia.row("revenue")
    link = mia.value(re.compile("^Link to keep"))
    mia.follows("Back to the standing")
    mia.reads("For Gold: 1 of 4 requirements is missing.")  # nothing was saved

    ben = Visitor(window, visited.url)
    ben.opens(link)
    ben.signs_in(world.address(f"administrator.{QUARZ.word}"))
    assert ben.page.url == link  # led there after signing in
    assert "now met" in ben.row("revenue")
    ben.leaves()

    eve = Visitor(window, visited.url)
    eve.opens(link)
    eve.signs_in(world.address(f"member.{ZEPHYR.word}"))
    eve.misses("Quarz")
    eve.page.close()
    mia.leaves()


def test_a_programme_manager_imports_a_file_with_errors_mends_and_undoes(
    window: Browser, visited: Visited, tmp_path: Path
) -> None:
    file = tmp_path / "spring.csv"
    file.write_text(SOLD, encoding="utf-8")
    max_ = Visitor(window, visited.url)
    max_.signs_in(world.address("programme_manager"))
    max_.follows("Imports")
    max_.drops("Drop files here, or choose them", file)
    max_.fills("Source", "order system")
    max_.presses("Look at them")
    max_.is_on("spring.csv: what it would do")
    max_.reads("Nothing is recorded yet.")
    max_.reads("2 rows would be refused")

    max_.fills(re.compile("^Reason"), "sales of spring")
    max_.presses("Import")
    max_.reads("2 rows were refused")
    max_.is_on("Import 3: spring.csv")
    max_.follows(re.compile("^Mend 2 rows"))
    wrong_day = max_.page.locator("fieldset", has_text="Line 3")
    wrong_day.get_by_label("on").fill("2026-04-30")
    wrong_amount = max_.page.locator("fieldset", has_text="Line 4")
    assert wrong_amount.get_by_label("amount").input_value() == "ten"
    wrong_amount.get_by_label("amount").fill("10")
    max_.presses("Import what was mended")
    max_.is_on("Import 4")
    max_.reads("No row of this import was refused.")

    max_.follows(re.compile("^Import 3"))
    max_.is_on("Import 3: spring.csv")
    max_.reads("mended 2 rows")
    max_.follows("Undo")
    max_.presses("Take it back")  # without a reason
    max_.reads(re.compile("reason", re.IGNORECASE))
    max_.is_on("Undo import 3")
    max_.fills("Reason", "the file was a test")
    max_.presses("Take it back")
    max_.opens("/imports/3/")
    max_.reads("undone")
    max_.follows("Audit")
    max_.reads("imports.undo")
    max_.leaves(but="status of 400")  # the form without a reason


def test_a_change_is_rehearsed_approved_by_a_second_person_and_published(window: Browser, visited: Visited) -> None:
    max_, ida, mia = (Visitor(window, visited.url) for _ in range(3))
    max_.signs_in(world.address("programme_manager"))
    rehearsal = changed_and_rehearsed(max_)
    made_publishable(max_)
    asked_for(max_)

    mia.signs_in(world.address(f"member.{QUARZ.word}"))
    assert mia.opens("/programmes/harbour/2028/") == 404  # a draft is not there for partners

    ida.signs_in(world.address("channel_chief"))
    ida.follows("Approvals")
    ida.reads("harbour/2028")
    ida.opens("/office/harbour/2028/")
    ida.reads("agreed with the board")
    ida.presses("Approve")
    ida.reads("announced")
    ida.opens(rehearsal)
    ida.reads("Quarz should hear of it before.")

    assert mia.opens("/programmes/harbour/2028/") == 200
    ida.leaves()
    mia.leaves(but="status of 404")
    max_.leaves(but="status of 400")


def changed_and_rehearsed(max_: Visitor) -> str:
    """He changes a number of the edition in force and sees who would move; the rehearsal's address."""
    max_.follows("Editions")
    max_.opens("/office/harbour/2026/")
    max_.follows("Change numbers")
    assert max_.value("Silver · revenue · large, EUR") == "100,000"
    max_.fills("Silver · revenue · large, EUR", "lots")
    max_.fills("Name of the new edition", "2028")
    max_.fills("Comes into force on", "2028-01-01")
    max_.fills("What is tried, and why", "larger firms sell more")
    max_.presses("Keep the draft and rehearse it")
    max_.reads("1 field needs another look.")
    assert max_.value("What is tried, and why") == "larger firms sell more"  # nothing typed is lost
    max_.fills(re.compile("^Silver · revenue · large"), "300000")
    max_.presses("Keep the draft and rehearse it")
    max_.is_at(re.compile(r"/rehearsals/\d+/$"))
    max_.reads("1 mover")  # once the worker has done it
    rehearsal = max_.page.url
    mover = max_.row("Quarz1 Conseil")
    assert "Silver → Member" in mover
    assert "revenue" in mover
    max_.fills("A remark, for all who work on the programme", "Quarz should hear of it before.")
    max_.presses("Keep the remark")
    max_.reads("Quarz should hear of it before.")
    return rehearsal


def made_publishable(max_: Visitor) -> None:
    """The cases of the old number are left out, and the others hold."""
    max_.follows("Bring the cases up to date")
    for case in max_.page.locator("section.case").all():
        case.get_by_label("Leave this case out").check()
    max_.fills("Reason", "they were of the old number")
    max_.presses("Keep a further version and run its cases")
    max_.has_waited_for(re.compile("hold: the edition may be published"), "Look again")


def asked_for(max_: Visitor) -> None:
    """He asks for publication, and cannot approve it himself."""
    max_.follows("Ask for publication")
    max_.unfolds("Ask for publication")
    max_.page.get_by_role("radio", name=re.compile("Announce it")).check()
    ask = max_.page.locator("form", has=max_.page.get_by_role("button", name="Ask for it"))
    ask.get_by_label("From the day").fill("2026-01-01")
    ask.get_by_label("Reason").fill("agreed with the board")
    max_.presses("Ask for it")
    max_.reads("waits for a second person")
    max_.reads("You asked for it, so somebody else answers.")
    assert max_.page.get_by_role("button", name="Approve").count() == 0


def test_an_administrator_invites_a_colleague_who_sets_a_password_and_signs_in(
    window: Browser, visited: Visited
) -> None:
    ada = Visitor(window, visited.url)
    ada.signs_in(world.address(f"administrator.{ZEPHYR.word}"))
    ada.opens("/colleagues/")
    ada.fills("E-mail address", "zoe@zephyr.example")
    ada.fills("Name", "Zoé Martin")
    ada.chooses("Role", "partner_member")
    ada.chooses("Language", "fr")
    ada.presses(re.compile("^Invite$"))
    ada.reads("Hand this link to zoe@zephyr.example; it is shown only once.")
    link = ada.value("The link")
    assert "invited, not here yet" in ada.row("Zoé Martin")
    ada.opens("/colleagues/")
    ada.misses("Hand this link")

    zoe = Visitor(window, visited.url, language="fr")
    zoe.opens(link)
    zoe.is_on("Bienvenue")
    for password in ("court", "quatre mots à la suite"):
        zoe.fills("Mot de passe", password)
        zoe.fills("Le même, encore une fois", password)
        zoe.presses("Définir le mot de passe")
    zoe.is_at("/login/")
    zoe.fills("Adresse électronique", "zoe@zephyr.example")
    zoe.fills("Mot de passe", "quatre mots à la suite")
    zoe.presses("Se connecter")
    zoe.is_at("/")
    zoe.reads("Argent")
    assert zoe.opens("/colleagues/") == 200
    assert zoe.page.get_by_role("button", name="Inviter").count() == 0  # a member looks and does not act
    zoe.opens(link)
    zoe.reads("ne fonctionne")
    zoe.leaves(but="status of 40")

    ada.opens("/colleagues/")
    assert "invited, not here yet" not in ada.row("Zoé Martin")
    ada.leaves()


def test_a_stranger_is_refused(window: Browser, visited: Visited) -> None:
    eve = Visitor(window, visited.url)
    for address in ("/", "/standing/", f"/partners/{QUARZ.key}/", "/audit/", "/office/", "/colleagues/"):
        eve.opens(address)
        eve.is_at(re.compile(r"/login/\?next="))
    eve.opens("/standing/")
    for _ in range(4):
        eve.signs_in("eve@elsewhere.example", "guessed at random")
        eve.reads("not correct")
    eve.signs_in("eve@elsewhere.example", "guessed at random")
    eve.reads("Too many attempts")

    mia = Visitor(window, visited.url)
    mia.signs_in(world.address(f"member.{ZEPHYR.word}"))
    for address in (
        f"/partners/{QUARZ.key}/",
        "/partners/",
        "/audit/",
        "/imports/1/",
        f"/standing/?partner={QUARZ.key}",
    ):
        assert mia.opens(address) == 404
        mia.is_on("There is no such page")
        mia.misses("Quarz1")
    mia.opens("/standing/")
    mia.presses("Sign out")
    mia.opens("/standing/")
    mia.is_at(re.compile(r"/login/\?next="))
    mia.page.go_back()
    mia.misses("revenue")


def test_a_what_if_with_keys_alone(window: Browser, visited: Visited) -> None:
    kim = Visitor(window, visited.url)
    kim.opens("/standing/")
    kim.tabs_to("E-mail address")
    kim.types(world.address(f"member.{QUARZ.word}"))
    kim.tabs_to("Password")
    kim.types("four words in a row")
    kim.hits("Enter")
    kim.is_at("/standing/")
    kim.tabs_to("Skip to the content")
    kim.hits("Enter")
    kim.tabs_to("What if…")
    kim.hits("Enter")
    kim.is_at(re.compile("/what-if/"))
    kim.tabs_to("A sale closes")
    kim.hits("Enter")
    kim.tabs_to("Amount")
    kim.types("230000")
    kim.hits("Enter")
    kim.reads("now met")
    kim.tabs_to("remove")
    kim.hits("Enter")
    kim.misses("now met")
    kim.tabs_to("Sign out")
    kim.hits("Enter")
    kim.is_at("/login/")
    kim.leaves()


def test_a_partner_shows_itself_is_found_by_another_and_they_connect(window: Browser, visited: Visited) -> None:
    zoe, mia = Visitor(window, visited.url), Visitor(window, visited.url, phone=True)
    zoe.signs_in(world.address(f"administrator.{ZEPHYR.word}"))
    mia.signs_in(world.address(f"administrator.{QUARZ.word}"))
    mia.opens("/allies/?text=zephyr")
    mia.reads("0 partners")  # it shows nothing to others yet
    zoe.opens("/firm/")
    for part in ("contact data", "competencies"):
        zoe.chooses(part, "partners")
    zoe.page.locator("form", has=zoe.page.get_by_label("contact data")).get_by_role("button", name="Keep").click()
    zoe.reads("Kept:")

    mia.opens("/allies/")
    mia.fills("Name, key or town", "zephir")  # a typing error
    mia.page.get_by_label("near our firm").check()
    mia.chooses("Within", "50")
    mia.chooses("Competency", "cloud")
    mia.presses("Search")
    mia.reads("Shown instead:")
    mia.reads("1 partner")
    mia.follows("On the map")  # where the same is looked for
    mia.reads("Zephyr3")
    assert mia.value("Competency") == "cloud"
    mia.follows("As a list")
    mia.reads("the nearest first")
    mia.follows("Zephyr1 Conseil")
    mia.is_on("Zephyr1 Conseil")
    mia.misses("Zephyr5.example")  # how it is reached is not told yet
    mia.page.locator("summary", has_text="Connect").click()
    mia.fills("A few words", "Shall we bid together?")
    mia.presses("Ask to connect")
    mia.reads("no answer yet")

    zoe.opens("/")
    zoe.follows(re.compile("asks to connect"))
    zoe.reads("Shall we bid together?")
    zoe.presses(re.compile("^Accept"))
    zoe.reads("each of you now sees how the other is reached")
    mia.opens("/connections/")
    mia.reads("Zephyr5.example")
    mia.presses(re.compile("^End"))
    mia.misses("Zephyr5.example")
    zoe.leaves()
    mia.leaves(but="ERR_ABORTED")  # the map was left before it was drawn
