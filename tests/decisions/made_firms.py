"""Made-up records of firms, a fifth of them said again and otherwise."""

import random

import pyarrow as pa

_BEGIN = ("Al", "Bren", "Cor", "Dal", "Fen", "Gar", "Lan", "Mel", "Nor", "Ros", "Tal", "Ver")
_END = ("bert", "dan", "ford", "gan", "lier", "mond", "nac", "stad", "ton", "wick")
_MIDDLE = ("a", "e", "o", "ba", "de", "li", "mo", "ri", "sa", "tu")
_TRADES = ("Systems", "Consulting", "Logistics", "Engineering", "Plumbing", "Printing", "Software")
_TOWNS = ("Leeds", "York", "Derby", "Hull", "Oxford", "Cardiff", "Bristol", "Exeter", "Leicester", "Sheffield")
_STREETS = ("Station", "Church", "Mill", "Park", "Bridge", "Castle", "Forest", "Harbour", "Tower", "Linden")


def made(rows: int, seed: int = 5) -> pa.Table:
    """`rows` records with every column that the decision reads."""
    dice = random.Random(seed)
    firms = [_firm(dice) for _ in range(round(rows * 0.8))]
    said = [*firms, *(_again(dice.choice(firms), dice) for _ in range(rows - len(firms)))]
    dice.shuffle(said)
    listed = [{"id": f"r{number:05}", **record} for number, record in enumerate(said)]
    return pa.Table.from_pylist(listed, pa.schema([(name, pa.string()) for name in listed[0]]))


def _firm(dice: random.Random) -> dict[str, str | None]:
    name = dice.choice(_BEGIN) + dice.choice(_MIDDLE) + dice.choice(_MIDDLE) + dice.choice(_END)
    town = dice.randrange(len(_TOWNS))
    record: dict[str, str | None] = {
        "name": f"{name} {dice.choice(_TRADES)} {dice.choice(('Ltd', 'PLC', 'LLP'))}",
        "address": f"{dice.randrange(1, 99)} {dice.choice(_STREETS)} Street",
        "postcode": f"{10000 + 1000 * town + dice.randrange(50)}",
        "city": _TOWNS[town], "country": "GB", "phone": f"0{dice.randrange(100, 199)} {dice.randrange(10**6, 10**7)}",
        "website": f"{name.lower()}{dice.randrange(50)}.co.uk", "registration": f"{dice.randrange(10**7, 10**8)}",
    }  # fmt: skip
    return _without(record, dice)


def _again(firm: dict[str, str | None], dice: random.Random) -> dict[str, str | None]:
    name = str(firm["name"])
    at = dice.randrange(1, 6)
    kind = dice.randrange(4)
    name = (name.upper(), name.rsplit(" ", 1)[0], name[:at] + name[at + 1 :], name)[kind]
    return _without(firm | {"name": name}, dice)


def _without(record: dict[str, str | None], dice: random.Random) -> dict[str, str | None]:
    return {name: None if name != "name" and dice.random() < 0.2 else value for name, value in record.items()}
