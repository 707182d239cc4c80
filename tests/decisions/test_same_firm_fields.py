"""What do the fields of a firm say, in several countries' ways?"""

import pytest

from hanse.decisions import same_firm_fields as fields
from hanse.decisions.same_firm_registration import registration_of


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("S.A.R.L. Dupont & Fils", "dupont fils", "sarl"),
        ("Müller GmbH & Co. KG", "muller", "gmbhcokg"),
        ("Mueller", "muller", None),
        ("ООО Ромашка", "romashka", "ooo"),
        ("Kowalski Sp. z o.o.", "kowalski", "spzoo"),
        ("I.B.M. France", "ibm france", None),
        ("Limited", "limited", None),
    ],
)
def test_names(text: str, core: str, form: str | None) -> None:
    name = fields.name_of(text)
    assert name is not None
    assert (name.core, name.form) == (core, form)


@pytest.mark.parametrize("text", ["n/a", "---", "unknown", "None"])
def test_names_that_say_nothing(text: str) -> None:
    assert fields.name_of(text) is None


@pytest.mark.parametrize(
    ("text", "number", "street"),
    [
        ("12 bis rue de la Paix, 75002 Paris", "12", "paix"),
        ("Hauptstraße 12, 10115 Berlin", "12", "haupt"),
        ("Via Roma, 12", "12", "roma"),
        ("Calle Mayor 12, 3º", "12", "mayor"),
        ("1634 W 45th St", "1634", "45"),
        ("Unit 4, 25 High Street, London", "25", "high"),
        ("P.O. Box 123", "123", "pobox"),
        ("ул. Ленина 5", "5", "lenina"),
    ],
)
def test_addresses(text: str, number: str, street: str) -> None:
    address = fields.address_of(text)
    assert (address.number, address.street) == (number, street)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+33 1 23 45 67 89", None, "123456789"),
        ("01 23 45 67 89", None, "123456789"),
        ("01 23 45 67 89", "FR", "123456789"),
        ("(312) 561-3500 x12", None, "3125613500"),
        ("1-312-561-3500", None, "3125613500"),
        ("+44 (0)20 7946 0018", None, "2079460018"),
        ("123", None, None),
        ("000000000", None, None),
    ],
)
def test_telephones(text: str, country: str | None, number: str | None) -> None:
    assert fields.phone_of(text, country) == number


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("http://www.acme.co.uk/x", "acme.co.uk"),
        ("info@mail.acme.de", "acme.de"),
        ("a@gmail.com", None),
        ("Yes", None),
        ("facebook.com/acme", None),
    ],
)
def test_domains(text: str, domain: str | None) -> None:
    assert fields.domain_of(text) == domain


def test_countries() -> None:
    assert [fields.country_of(t) for t in ("Allemagne", "de", "Deutschland", "USA")] == ["DE", "DE", "DE", "US"]
    assert registration_of("12") is None


@pytest.mark.parametrize(
    ("text", "country", "number", "valid"),
    [
        ("FR 40 303 265 045", None, "303265045", True),  # a VAT number, a SIREN and a SIRET of one firm
        ("303 265 045", "FR", "303265045", True),
        ("732 829 320 00074", "FR", "732829320", True),
        ("DE 136 695 976", None, "136695976", True),
        ("136695976", "DE", "136695976", True),
        ("DE 136 695 977", "DE", "DE136695977", False),  # one digit wrong: only text
        ("CHE-107.787.577 IVA", "CH", "107787577", True),
    ],
)
def test_registrations(text: str, country: str | None, number: str, valid: bool) -> None:
    found = registration_of(text, country)
    assert found is not None
    assert (found.number, found.valid) == (number, valid)


def test_words_mean_the_same_in_several_languages() -> None:
    names = ("Universität Bremen", "Université Bremen", "Univ. Bremen", "University of Bremen")
    assert {name.meant for text in names if (name := fields.name_of(text))} == {("university", "bremen")}
    centre = fields.name_of("Forschungszentrum Jülich")
    assert centre is not None
    assert centre.meant == ("research", "center", "julich")
