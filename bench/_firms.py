"""Made-up records of firms, a fifth of them said again and otherwise: what a matcher must find, and must not be taken in by.

Firms first, then what lists make of them. Nothing here knows how records are matched: a firm is a row, a record is what
somebody wrote down of it. Namesakes, chains, groups under one roof, moves, typing errors, other legal forms, other
scripts and missing fields are all there, in shares that stand below.
"""

# ruff: noqa: E501 (tables of words read better unbroken)

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pyarrow as pa

DUPLICATES = 0.2  # share of records that say an earlier firm again
NAMESAKES, CHAINS, GROUPS = 0.03, 0.02, 0.03  # shares of firms
_COUNTRIES = {
    "FR": ("33", "fr", "SARL SAS SA EURL SASU", ("Paris Lyon Marseille Toulouse Nice Nantes Montpellier Strasbourg Bordeaux Lille Rennes Reims Toulon Grenoble Dijon Angers Brest Tours Amiens Limoges Metz Perpignan Orléans Mulhouse Caen Nancy Rouen Avignon Poitiers Pau")),
    "DE": ("49", "de", "GmbH|AG|UG (haftungsbeschränkt)|GmbH & Co. KG|KG|e.K.", ("Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Essen Bremen Dresden Hannover Nürnberg Duisburg Bochum Wuppertal Bielefeld Bonn Münster Mannheim Karlsruhe Augsburg Wiesbaden Kiel Erfurt Mainz Rostock Kassel Würzburg")),
    "GB": ("44", "co.uk", "Ltd|Limited|PLC|LLP", ("London Birmingham Leeds Glasgow Sheffield Bradford Liverpool Edinburgh Manchester Bristol Cardiff Leicester Coventry Nottingham Newcastle Sunderland Brighton Hull Plymouth Stoke Wolverhampton Derby Swansea Southampton Aberdeen Portsmouth York Oxford Cambridge Exeter")),
    "US": ("1", "com", "Inc.|LLC|Corp.|Co.|Ltd", ("Chicago Houston Phoenix Philadelphia Dallas Austin Columbus Charlotte Indianapolis Seattle Denver Boston Nashville Detroit Portland Memphis Louisville Baltimore Milwaukee Albuquerque Tucson Fresno Sacramento Mesa Atlanta Omaha Raleigh Miami Oakland Tulsa")),
    "ES": ("34", "es", "S.L.|S.A.|S.L.U.", ("Madrid Barcelona Valencia Sevilla Zaragoza Málaga Murcia Palma Bilbao Alicante Córdoba Valladolid Vigo Gijón Granada Vitoria Elche Oviedo Cartagena Jerez Almería Burgos Santander Castellón Albacete Logroño Salamanca Huelva Badajoz León")),
    "IT": ("39", "it", "S.r.l.|S.p.A.|S.n.c.|S.a.s.", ("Roma Milano Napoli Torino Palermo Genova Bologna Firenze Bari Catania Venezia Verona Messina Padova Trieste Taranto Brescia Parma Prato Modena Reggio Perugia Ravenna Livorno Cagliari Foggia Rimini Salerno Ferrara Sassari")),
    "RU": ("7", "ru", "ООО|ЗАО|ОАО", ("Москва Казань Самара Омск Уфа Пермь Воронеж Волгоград Краснодар Саратов Тюмень Ижевск Барнаул Иркутск Хабаровск Ярославль Владивосток Томск Оренбург Кемерово")),
    "PL": ("48", "pl", "Sp. z o.o.|S.A.|Sp. j.", ("Warszawa Kraków Łódź Wrocław Poznań Gdańsk Szczecin Bydgoszcz Lublin Katowice Białystok Gdynia Częstochowa Radom Sosnowiec Toruń Kielce Gliwice Zabrze Bytom")),
}  # fmt: skip
_TRADES = {
    "FR": "Informatique|Conseil|Services|Systèmes|Transports|Ingénierie|Distribution|Bâtiment|Électricité|Logistique|Plomberie|Imprimerie",
    "DE": "Systemhaus|Beratung|Software|Logistik|Elektrotechnik|Bau|Handel|Datentechnik|Maschinenbau|Druckerei|Spedition|Metallbau",
    "GB": "Systems|Consulting|Services|Software|Logistics|Engineering|Builders|Electrical|Trading|Printing|Haulage|Plumbing",
    "US": "Systems|Consulting|Services|Software|Logistics|Engineering|Construction|Electric|Supply|Printing|Trucking|Plumbing",
    "ES": "Sistemas|Consultores|Servicios|Informática|Transportes|Ingeniería|Construcciones|Electricidad|Distribuciones|Imprenta",
    "IT": "Sistemi|Consulenza|Servizi|Informatica|Trasporti|Ingegneria|Costruzioni|Impianti|Distribuzione|Tipografia",
    "RU": "Системы|Консалтинг|Сервис|Софт|Логистика|Инжиниринг|Строй|Электро|Торг|Печать",
    "PL": "Systemy|Doradztwo|Usługi|Informatyka|Transport|Inżynieria|Budownictwo|Elektro|Handel|Drukarnia",
}
_SYLLABLES = {
    "RU": ("Ал Бор Вол Гор Дон Ел Зар Кам Лад Мир Нев Ол Пет Рос Сев Тай Ур Яр", "а о и ре ле на во ми та ка ду", "вин град мет ком рин тек люкс нов лан даль дис вест"),
    "": ("Al Bar Bel Bren Cal Cor Dal Del Dor El Fal Fen Gar Hal Ing Jor Kal Kel Lan Lor Mar Mel Mon Nor Ol Pel Quin Ral Ros Sal Sen Tal Tor Ul Ver Vil Wal Wen Zel",
         "a e i o u ba be da do ga go ka li lo ma mi na ne ra ri sa se ta ti va vo", "bert bury dan del don feld ford gan ger lan land len lier ling man mar mond nac net nor rin ron sen son stad tal ter ton vin ward wick"),
}  # fmt: skip
_STREETS = [
    "Station",
    "Church",
    "Mill",
    "Park",
    "Garden",
    "Market",
    "Victoria",
    "Bridge",
    "Castle",
    "Forest",
    "River",
    "School",
    "Harbour",
    "Meadow",
    "Orchard",
    "Chapel",
    "Windmill",
    "Tower",
    "Lake",
    "Hill",
    "Spring",
    "Linden",
    "Oak",
    "Chestnut",
    "Elm",
    "Cedar",
    "Rose",
    "Lily",
    "Queen",
    "King",
    "Duke",
    "Bishop",
    "Mason",
    "Baker",
    "Weaver",
    "Cooper",
    "Fisher",
    "Miller",
    "Potter",
    "Tanner",
    "Goethe",
    "Schiller",
    "Mozart",
    "Dante",
    "Cervantes",
    "Hugo",
    "Zola",
    "Pasteur",
    "Gambetta",
    "Garibaldi",
    "Cavour",
    "Verdi",
    "Colon",
    "Goya",
    "Lenin",
    "Pushkin",
    "Gagarin",
    "Kopernik",
    "Chopin",
    "Washington",
    "Lincoln",
    "Jefferson",
    "Madison",
    "Monroe",
    "Franklin",
]


@dataclass
class Firm:
    """What is true of a firm."""

    country: str
    root: str
    trade: str
    form: str
    street: str
    house: int
    postcode: str
    city: str
    phone: str
    domain: str
    vat: str
    registered: bool = field(default=True)


def records(rows: int, seed: int = 1, again: float = DUPLICATES) -> tuple[pa.Table, dict[str, str]]:
    """`rows` records in random order, `again` of them of an earlier firm, and for each id the firm it is of."""
    dice = random.Random(seed)
    made: list[tuple[int, dict[str, str | None]]] = []
    for number, firm in enumerate(_firms(dice, round(rows * (1 - again)))):
        made.append((number, _written(firm, dice, 0)))
    firms = list(_last_firms)
    while len(made) < rows:
        number = dice.randrange(len(firms))
        made.append((number, _written(_later(firms[number], dice), dice, 1 + dice.randrange(4))))
    _last_firms.clear()
    _taken.clear()
    dice.shuffle(made)
    truth = {f"r{i:07}": f"f{number}" for i, (number, _) in enumerate(made)}
    columns = ("source", "name", "address", "postcode", "city", "country", "phone", "website", "email", "vat")
    table = {c: pa.array([record[c] for _, record in made], pa.string()) for c in columns}
    return pa.table({"id": pa.array(list(truth), pa.string()), **table}), truth


_last_firms: list[Firm] = []
_taken: set[str] = set()


def _firms(dice: random.Random, count: int) -> Iterator[Firm]:
    """Firms, some of them namesakes of others, outlets of one chain, or of one group under one roof."""
    while len(_last_firms) < count:
        firm = _firm(dice)
        kind = dice.random()
        family = [firm]
        if kind < NAMESAKES:
            family.append(replace(_firm(dice, firm.country), root=firm.root, trade=firm.trade))
        elif kind < NAMESAKES + CHAINS / 6:
            family += [_outlet(firm, dice) for _ in range(dice.randint(4, 12))]
        elif kind < NAMESAKES + CHAINS / 6 + GROUPS:
            trades = [trade for trade in _TRADES[firm.country].split("|") if trade != firm.trade]
            family += [_sister(firm, trade, dice) for trade in dice.sample(trades, dice.randint(1, 3))]
        for one in family[: count - len(_last_firms)]:
            _last_firms.append(one)
            yield one


def _firm(dice: random.Random, country: str | None = None) -> Firm:
    country = country or dice.choice(list(_COUNTRIES))
    code, ending, forms, cities = _COUNTRIES[country]
    first, middle, last = (part.split() for part in _SYLLABLES.get(country, _SYLLABLES[""]))
    root = dice.choice(first) + "".join(dice.choice(middle) for _ in range(dice.choice((1, 1, 2)))) + dice.choice(last)
    if dice.random() < 0.25:
        other = dice.choice(first) + dice.choice(middle) + dice.choice(last)
        root = (
            f"{root} {'&' if dice.random() < 0.5 else 'und' if country == 'DE' else '&'} {other}"
            if country != "RU"
            else f"{root} {other}"
        )
    if dice.random() < 0.05:
        root = "".join(chr(dice.randrange(65, 91)) for _ in range(dice.choice((2, 3, 3))))
    trade = dice.choice(_TRADES[country].split("|"))
    city = dice.randrange(len(cities.split()))
    postcode = f"{10000 + city * 2003 + dice.randrange(60):05}"
    phone = f"{code} {dice.randrange(20, 99)} {dice.randrange(10**6, 10**7)}"
    slug = "".join(c for c in _latin(root).lower() if c.isalnum())
    domain = (
        f"{slug}{'-' + _latin(trade).lower() if dice.random() < 0.4 else ''}.{ending if dice.random() < 0.7 else 'com'}"
    )
    if domain in _taken:  # nobody registers what another firm has
        domain = f"{slug}-{_latin(cities.split()[city]).lower()}{dice.randrange(10, 99)}.{ending}"
    _taken.add(domain)
    forms_of = forms.split("|") if "|" in forms else forms.split()
    return Firm(country, root, trade, dice.choice(forms_of), dice.choice(_STREETS), dice.randrange(1, 190), postcode, cities.split()[city],
                phone, domain, f"{country}{dice.randrange(10**8, 10**9)}", dice.random() < 0.5)  # fmt: skip


def _outlet(firm: Firm, dice: random.Random) -> Firm:
    """A shop of the same chain elsewhere: the name and often the web site, but another place and telephone."""
    other = _firm(dice, firm.country)
    return replace(other, root=firm.root, trade=firm.trade, form=firm.form, domain=firm.domain)


def _sister(firm: Firm, trade: str, dice: random.Random) -> Firm:
    """Another company of the group, under the same roof, often behind the same switchboard and web site."""
    other = _firm(dice, firm.country)
    return replace(
        firm, trade=trade, vat=other.vat, form=other.form, phone=firm.phone if dice.random() < 0.5 else firm.phone[:-2] + f"{dice.randrange(100):02}",
        domain=firm.domain if dice.random() < 0.7 else other.domain,
    )  # fmt: skip


def _later(firm: Firm, dice: random.Random) -> Firm:
    """The firm when another list was made: it may have moved, changed its number, its legal form."""
    other = _firm(dice, firm.country)
    if dice.random() < 0.08:
        firm = replace(firm, street=other.street, house=other.house, postcode=other.postcode, city=other.city)
    if dice.random() < 0.08:
        firm = replace(firm, phone=other.phone)
    return replace(firm, form=other.form) if dice.random() < 0.1 else firm


# -- what a list makes of it --------------------------------------------------------------------------------------


def _written(firm: Firm, dice: random.Random, source: int) -> dict[str, str | None]:
    form = {0: firm.form, 1: "", 2: firm.form.replace(".", ""), 3: firm.form.upper()}[dice.choice((0, 0, 0, 1, 2, 3))]
    first = firm.country == "RU"
    name = f"{form} {firm.root} {firm.trade}" if first else f"{firm.root} {firm.trade} {form}"
    if source and dice.random() < 0.12:
        name = name.replace(firm.trade, firm.trade[: dice.randrange(3, 5)] + "." if dice.random() < 0.5 else "")
    if (source and dice.random() < 0.4 and first) or (source and dice.random() < 0.2):
        name = _latin(name)
    if source and dice.random() < 0.12:
        name = _mistyped(name, dice)
    if dice.random() < 0.2:
        name = name.upper()
    site = firm.domain
    mail = f"{dice.choice(('info', 'contact', 'office'))}@{site if dice.random() < 0.75 else dice.choice(('gmail.com', 'gmx.de', 'orange.fr', 'hotmail.com'))}"
    record: dict[str, str | None] = {
        "source": f"list {source}", "name": " ".join(name.split()), "address": _address(firm, dice), "postcode": firm.postcode,
        "city": _latin(firm.city) if dice.random() < 0.3 else firm.city.upper() if dice.random() < 0.2 else firm.city,
        "country": firm.country, "phone": _phone(firm, dice),
        "website": f"https://www.{site}/" if dice.random() < 0.5 else site, "email": mail, "vat": firm.vat,
    }  # fmt: skip
    missing = {
        "address": 0.12,
        "postcode": 0.1,
        "city": 0.05,
        "country": 0.05,
        "phone": 0.2,
        "website": 0.4,
        "email": 0.5,
        "vat": 0.75,
    }
    for column, share in missing.items():
        if dice.random() < share:
            record[column] = None
    return record


def _address(firm: Firm, dice: random.Random) -> str:
    street = firm.street if dice.random() < 0.95 else _mistyped(firm.street, dice)
    ways: dict[str, Callable[[], str]] = {
        "FR": lambda: f"{firm.house} {dice.choice(('rue', 'r.', 'Rue'))} {street}",
        "DE": lambda: f"{street}{dice.choice(('straße', 'str.', 'strasse'))} {firm.house}",
        "ES": lambda: f"{dice.choice(('Calle', 'C/'))} {street} {firm.house}",
        "IT": lambda: f"Via {street}, {firm.house}",
        "PL": lambda: f"ul. {street} {firm.house}",
        "RU": lambda: f"{dice.choice(('ул.', 'ul.'))} {street} {firm.house}",
    }
    usual = lambda: f"{firm.house} {street} {dice.choice(('Street', 'St', 'St.'))}"  # noqa: E731
    return ways.get(firm.country, usual)()


def _phone(firm: Firm, dice: random.Random) -> str:
    code, area, rest = firm.phone.split(" ")
    trunk = "" if firm.country in {"US", "ES", "IT", "PL"} else "8" if firm.country == "RU" else "0"
    return dice.choice(
        (
            f"+{code} {area} {rest}",
            f"+{code}{area}{rest}",
            f"{trunk}{area} {rest[:3]} {rest[3:]}",
            f"00{code} {area} {rest}",
            f"{trunk}{area}-{rest}",
        )
    )


def _mistyped(text: str, dice: random.Random) -> str:
    """One letter left out, doubled, changed, or two in the wrong order."""
    at = [i for i, c in enumerate(text) if c.isalpha()]
    if len(at) < 3:
        return text
    i = dice.choice(at[1:-1])
    kind = dice.randrange(4)
    if kind == 0:
        return text[:i] + text[i + 1 :]
    if kind == 1:
        return text[:i] + text[i] + text[i:]
    if kind == 2:
        return text[:i] + dice.choice("aeiounrstl") + text[i + 1 :]
    return text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :]


_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "_",
            "y",
            "_",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)


def _latin(text: str) -> str:
    """As somebody types it who has no accents and no Cyrillic."""
    import unicodedata

    german = text.translate(
        str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ł": "l", "Ł": "L"})
    )
    out = "".join(
        _CYRILLIC[c.lower()].replace("_", "").capitalize()
        if c.isupper() and c.lower() in _CYRILLIC
        else _CYRILLIC.get(c, c).replace("_", "")
        for c in german
    )
    return "".join(c for c in unicodedata.normalize("NFKD", out) if not unicodedata.combining(c))
