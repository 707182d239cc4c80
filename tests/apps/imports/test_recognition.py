"""Are tables and columns recognised as people name them, and is only asked what nothing tells?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from hanse.apps.imports import names
from hanse.apps.imports.codes import country_code, currency_code, currency_in
from hanse.apps.imports.contents import look_at
from hanse.apps.imports.mapping import Answers, SheetMapping, answered
from hanse.apps.imports.recognition import Given, recognise
from hanse.language.problems import CallError

DAYS, NUMBERS, CODES = ["2017-06-30", "2016-01-02"], ["1234.50", "-12"], ["EUR", "USD"]
LANDS, KEYS, MAILS = ["DE", "Österreich"], ["P-1", "P-2"], ["a.lund@example.org", "b@example.com"]
BY_TYPE = {"day": DAYS, "amount": NUMBERS, "number": NUMBERS, "integer": ["3", "4"], "currency": CODES, "country": LANDS,
           "real": ["1.5", "2.5"], "rate": ["1.1", "2"]}  # fmt: skip


def given(columns: Mapping[str, Sequence[str | None]], *, file: str = "export.csv", sheet: str = "") -> Given:
    return Given(sheet, list(columns), {h: look_at(values) for h, values in columns.items()}, file)


# a file as somebody exports it: its headings with what stands below, and the table and columns that it is
REAL: list[tuple[str, dict[str, Sequence[str | None]], str, dict[str, str]]] = [
    ("english sales", {"Reseller ID": KEYS, "Invoice Date": DAYS, "Net Amount": NUMBERS, "Currency": CODES, "Customer No": KEYS},
     "sales", {"partner": "Reseller ID", "on": "Invoice Date", "amount": "Net Amount", "currency": "Currency", "customer": "Customer No"}),
    ("german sales", {"Händler-Nr.": KEYS, "Rechnungsdatum": DAYS, "Nettobetrag": NUMBERS, "Währung": CODES, "Endkunde": KEYS, "Land": LANDS},
     "sales", {"partner": "Händler-Nr.", "on": "Rechnungsdatum", "amount": "Nettobetrag", "currency": "Währung", "customer": "Endkunde",
               "country": "Land"}),
    ("french sales", {"Code revendeur": KEYS, "Date de facture": DAYS, "Montant HT": NUMBERS, "Devise": CODES, "Pays": LANDS, "Quantité": ["3"]},
     "sales", {"partner": "Code revendeur", "on": "Date de facture", "amount": "Montant HT", "currency": "Devise", "country": "Pays",
               "quantity": "Quantité"}),
    ("spanish sales", {"Código de socio": KEYS, "Fecha factura": DAYS, "Importe neto": NUMBERS, "Moneda": CODES, "Cliente final": KEYS},
     "sales", {"partner": "Código de socio", "on": "Fecha factura", "amount": "Importe neto", "currency": "Moneda", "customer": "Cliente final"}),
    ("italian sales", {"Codice rivenditore": KEYS, "Data fattura": DAYS, "Importo netto": NUMBERS, "Valuta": CODES, "Paese": LANDS},
     "sales", {"partner": "Codice rivenditore", "on": "Data fattura", "amount": "Importo netto", "currency": "Valuta", "country": "Paese"}),
    ("portuguese sales", {"Código do parceiro": KEYS, "Data da fatura": DAYS, "Valor líquido": NUMBERS, "Moeda": CODES, "País": LANDS},
     "sales", {"partner": "Código do parceiro", "on": "Data da fatura", "amount": "Valor líquido", "currency": "Moeda", "country": "País"}),
    ("dutch sales", {"Partnernummer": KEYS, "Factuurdatum": DAYS, "Netto omzet": NUMBERS, "Munt": CODES, "Klantnummer": KEYS},
     "sales", {"partner": "Partnernummer", "on": "Factuurdatum", "amount": "Netto omzet", "currency": "Munt", "customer": "Klantnummer"}),
    ("a machine's sales", {"PARTNER_ID": KEYS, "ORDER_DATE": DAYS, "NET_AMOUNT": NUMBERS, "CURRENCY_CODE": CODES, "SKU": KEYS},
     "sales", {"partner": "PARTNER_ID", "on": "ORDER_DATE", "amount": "NET_AMOUNT", "currency": "CURRENCY_CODE", "product": "SKU"}),
    ("camel case", {"partnerId": KEYS, "invoiceDate": DAYS, "netAmount": NUMBERS, "currencyCode": CODES},
     "sales", {"partner": "partnerId", "on": "invoiceDate", "amount": "netAmount", "currency": "currencyCode"}),
    ("partners of a CRM", {"Account Number": KEYS, "Account Name": ["A", "B"], "Country": LANDS, "Website": ["a.example"], "Partner since": DAYS},
     "partners", {"partner": "Account Number", "name": "Account Name", "country": "Country", "website": "Website", "joined": "Partner since"}),
    ("german partners", {"Nummer": KEYS, "Firma": ["A", "B"], "Land": LANDS, "Ort": ["Bonn"], "Eintritt": DAYS, "USt-IdNr.": ["DE123"]},
     "partners", {"partner": "Nummer", "name": "Firma", "country": "Land", "city": "Ort", "joined": "Eintritt", "vat": "USt-IdNr."}),
    ("french partners", {"Code": KEYS, "Raison sociale": ["A", "B"], "Pays": LANDS, "Ville": ["Lyon"], "Effectif": ["12"]},
     "partners", {"partner": "Code", "name": "Raison sociale", "country": "Pays", "city": "Ville", "employees": "Effectif"}),
    ("people by e-mail", {"Email": MAILS, "Company ID": KEYS, "Hire Date": DAYS, "Job title": ["Sales"]},
     "people", {"person": "Email", "partner": "Company ID", "since": "Hire Date", "role": "Job title"}),
    ("italian people", {"Matricola": KEYS, "Azienda": KEYS, "Data assunzione": DAYS, "Qualifica": ["x"]},
     "people", {"person": "Matricola", "partner": "Azienda", "since": "Data assunzione", "role": "Qualifica"}),
    ("certificates", {"Candidate ID": KEYS, "Exam Code": ["C1"], "Passed on": DAYS, "Valid until": DAYS},
     "certifications", {"person": "Candidate ID", "certificate": "Exam Code", "earned": "Passed on", "expires": "Valid until"}),
    ("dutch certificates", {"Medewerker-ID": KEYS, "Certificaat": ["C1"], "Behaald op": DAYS, "Geldig tot": DAYS},
     "certifications", {"person": "Medewerker-ID", "certificate": "Certificaat", "earned": "Behaald op", "expires": "Geldig tot"}),
    ("surveys", {"Partner": KEYS, "Umfragedatum": DAYS, "Bewertung": ["8.5"], "Anzahl Antworten": ["12"]},
     "surveys", {"partner": "Partner", "on": "Umfragedatum", "score": "Bewertung", "respondents": "Anzahl Antworten"}),
    ("deals", {"Opportunity ID": KEYS, "Partner ID": KEYS, "Created Date": DAYS, "Stage": ["won"], "Amount": NUMBERS, "Currency": CODES},
     "deals", {"deal": "Opportunity ID", "partner": "Partner ID", "opened": "Created Date", "stage": "Stage", "amount": "Amount",
               "currency": "Currency"}),
    ("contracts", {"Código de socio": KEYS, "Número de cliente": KEYS, "Fecha de inicio": DAYS, "Fecha de fin": DAYS},
     "contracts", {"partner": "Código de socio", "customer": "Número de cliente", "start": "Fecha de inicio", "end": "Fecha de fin"}),
    ("ownership", {"Gesellschafter": KEYS, "Tochtergesellschaft": KEYS, "Anteil": ["51"], "Gültig ab": DAYS},
     "ownership", {"owner": "Gesellschafter", "owned": "Tochtergesellschaft", "percent": "Anteil", "from": "Gültig ab"}),
    ("customers", {"Kundennummer": KEYS, "Kundenname": ["A", "B"], "Land": LANDS, "Branche": ["x"]},
     "customers", {"customer": "Kundennummer", "name": "Kundenname", "country": "Land", "industry": "Branche"}),
    ("rates", {"Date": DAYS, "Currency": CODES, "Rate": ["1.08"]}, "rates", {"on": "Date", "currency": "Currency", "per_euro": "Rate"}),
    ("a word misspelt", {"Partner ID": KEYS, "Invoice Dtae": DAYS, "Amount": NUMBERS, "Curency": CODES},
     "sales", {"partner": "Partner ID", "on": "Invoice Dtae", "amount": "Amount", "currency": "Curency"}),
    ("words around the name", {"Partner ID (CRM)": KEYS, "Invoice date UTC": DAYS, "Amount (net)": NUMBERS, "Currency": CODES},
     "sales", {"partner": "Partner ID (CRM)", "on": "Invoice date UTC", "amount": "Amount (net)", "currency": "Currency"}),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "table", "expected"), [r[1:] for r in REAL], ids=[r[0] for r in REAL])
def test_a_file_as_it_is_exported_is_recognised(
    columns: dict[str, Sequence[str | None]], table: str, expected: dict[str, str]
) -> None:
    found = recognise(given(columns), Answers())
    assert found.questions == []
    assert found.mapping is not None
    assert found.mapping.table == table
    assert dict(found.mapping.columns) == expected


@pytest.mark.parametrize("table", sorted(names.CONTRACT))
def test_the_contract_s_own_names_are_recognised(table: str) -> None:
    columns = {c.name: BY_TYPE.get(c.type, KEYS) for c in names.CONTRACT[table].columns}
    found = recognise(given(columns, file=f"{table}.csv"), Answers())
    assert found.questions == []
    assert found.mapping is not None
    assert found.mapping.table == table
    assert dict(found.mapping.columns) == {c: c for c in columns}


def test_every_usual_name_means_its_column() -> None:
    """Each name of the list, alone, points to its column in its table (some point to another one besides)."""
    listed = names.usual_names().columns
    for table, columns in listed.items():
        for column, weights in columns.items():
            for name in weights:
                assert names.weight(name, table, column) >= names.WEAKER, (table, column, name)


def test_two_columns_that_could_be_the_amount_are_asked_about() -> None:
    columns = {"Partner": KEYS, "Datum": DAYS, "Umsatz netto": NUMBERS, "Umsatz brutto": NUMBERS, "Währung": CODES}
    found = recognise(given(columns), Answers())
    (question,) = found.questions
    assert (question.kind, question.subject) == ("column", "amount")
    assert set(question.choices) == {"Umsatz netto", "Umsatz brutto"}
    assert question.option == '--map amount="Umsatz netto"'
    settled = recognise(given(columns), answered(Answers(), question, "Umsatz brutto"))
    assert settled.mapping is not None
    assert settled.mapping.columns["amount"] == "Umsatz brutto"
    assert settled.mapping.kept == {"Umsatz netto": "Umsatz netto"}


def test_no_currency_is_asked_for_unless_a_heading_names_it() -> None:
    columns = {"Partner": KEYS, "Date": DAYS, "Amount": NUMBERS}
    (question,) = recognise(given(columns, file="sales.csv"), Answers()).questions
    assert (question.kind, question.option) == ("value", "--currency EUR")
    said = recognise(given(columns, file="sales.csv"), Answers(values={"currency": "SEK"}))
    assert said.mapping is not None
    assert said.mapping.constants == {"currency": "SEK"}
    named = recognise(given({"Partner": KEYS, "Date": DAYS, "Amount (SEK)": NUMBERS}, file="sales.csv"), Answers())
    assert named.mapping is not None
    assert named.mapping.constants == {"currency": "SEK"}
    signs = recognise(given({"Partner": KEYS, "Date": DAYS, "Amount": ["€ 12,50"]}, file="sales.csv"), Answers())
    assert signs.mapping is not None
    assert signs.mapping.constants == {"currency": "EUR"}


def test_contents_find_the_only_column_that_can_be_meant() -> None:
    columns = {"Partner": KEYS, "wann": DAYS, "Betrag": NUMBERS, "XY": CODES}
    found = recognise(given(columns, file="umsatz_2017.csv"), Answers())
    assert found.mapping is not None
    assert (found.mapping.columns["on"], found.mapping.columns["currency"]) == ("wann", "XY")
    assert len(found.notes) == 2


def test_a_name_does_not_count_against_the_contents() -> None:
    """A column called Date that holds names is not the day; the one that holds days is."""
    columns = {"Partner": KEYS, "Date": ["soon", "later"], "Booked on": DAYS, "Amount": NUMBERS, "Currency": CODES}
    found = recognise(given(columns), Answers())
    assert found.mapping is not None
    assert found.mapping.columns["on"] == "Booked on"


def test_a_file_that_fits_no_table_is_asked_about() -> None:
    (question,) = recognise(given({"a": ["x"], "b": ["y"]}), Answers()).questions
    assert question.kind == "table"
    assert "partners" in question.choices


def test_the_name_of_the_sheet_helps() -> None:
    columns = {"Partner": KEYS, "Datum": DAYS, "Wert": ["8"]}
    found = recognise(given(columns, sheet="Kundenzufriedenheit"), Answers(columns={"score": "Wert"}))
    assert found.mapping is not None
    assert found.mapping.table == "surveys"


def test_a_sheet_can_be_left_out() -> None:
    assert recognise(given({"a": ["x"]}, sheet="Notes"), Answers(tables={"Notes": "none"})).mapping is None


def test_what_earlier_files_taught_is_used() -> None:
    taught = SheetMapping(
        "", "sales", {"partner": "A", "on": "B", "amount": "C"}, {"currency": "NOK"}, {"d": "D"}, ("E",)
    )
    columns = {"A": KEYS, "B": DAYS, "C": NUMBERS, "D": ["x"], "E": ["y"], "New": ["z"]}
    found = recognise(given(columns), Answers(), [taught])
    assert found.questions == []
    assert found.mapping is not None
    assert found.mapping.columns == taught.columns
    assert found.mapping.constants == taught.constants
    assert found.mapping.kept == {"d": "D"}
    assert found.mapping.left_out == ("E", "New")
    assert "'New'" in found.notes[0]


def test_an_answer_goes_before_what_was_taught() -> None:
    taught = SheetMapping("", "sales", {"partner": "A", "on": "B", "amount": "C", "currency": "D"})
    columns = {"A": KEYS, "B": DAYS, "C": NUMBERS, "D": CODES, "E": NUMBERS}
    found = recognise(given(columns), Answers(columns={"amount": "E"}, values={"currency": "EUR"}), [taught])
    assert found.mapping is not None
    assert found.mapping.columns["amount"] == "E"


def test_running_numbers_and_moments_of_the_export_are_left_out() -> None:
    columns = {
        "#": ["1", "2"],
        "Partner": KEYS,
        "Date": DAYS,
        "Amount": NUMBERS,
        "Currency": CODES,
        "Exported at": DAYS,
        "Invoice": KEYS,
    }
    found = recognise(given(columns), Answers())
    assert found.mapping is not None
    assert found.mapping.left_out == ("#", "Exported at")
    assert found.mapping.kept == {"Invoice": "Invoice"}


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        (Answers(tables={"": "sails"}), "--table"),
        (Answers(columns={"amout": "Amount"}), "--map"),
        (Answers(columns={"amount": "Total"}), "export.csv"),
        (Answers(values={"curency": "EUR"}), "--set"),
        (Answers(values={"currency": "XQZ"}), "--currency"),
    ],
)
def test_an_answer_that_names_what_is_not_there_is_refused(answers: Answers, place: str) -> None:
    columns = {"Partner": KEYS, "Date": DAYS, "Amount": NUMBERS, "Currency": CODES}
    with pytest.raises(CallError) as refused:
        recognise(given(columns), answers)
    assert refused.value.problems[0].place == place


def test_countries_in_seven_languages_become_codes() -> None:
    names_of_germany = ("Germany", "Allemagne", "Deutschland", "Alemania", "Germania", "Alemanha", "Duitsland")
    assert {country_code(n) for n in names_of_germany} == {"DE"}
    assert {country_code(n) for n in ("de", "DEU", " DE ", "GERMANY")} == {"DE"}
    assert {
        country_code(n) for n in ("USA", "United States", "États-Unis", "Vereinigte Staaten", "Verenigde Staten")
    } == {"US"}
    assert {country_code(n) for n in ("UK", "Großbritannien", "Royaume-Uni", "Reino Unido", "Regno Unito")} == {"GB"}
    assert {country_code(n) for n in ("Atlantis", "ZZ", "", "EU", "Germ")} == {None}


def test_currencies_by_code_sign_and_name() -> None:
    assert {currency_code(n) for n in ("EUR", "eur", "€", "Euro", "euros")} == {"EUR"}
    assert {currency_code(n) for n in ("US Dollar", "US-Dollar", "dollar des États-Unis")} == {"USD"}
    assert {currency_code(n) for n in ("$", "XQZ", "dollar", "")} == {None}
    assert (currency_in("Umsatz (EUR)"), currency_in("Amount in USD"), currency_in("ALL SALES")) == ("EUR", "USD", None)
