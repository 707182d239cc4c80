"""What is compared of each record, and by which keys are records looked up?

A table of records becomes a table of comparable values: words with their weights, numbers, domains, keys.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import log2
from typing import Any

import pyarrow as pa

from hanse.decisions import same_firm_fields as fields
from hanse.decisions.same_firm_registration import registration_of

NAME = "name"
COLUMNS = (
    "id",
    "source",
    NAME,
    "other_names",
    "legal_form",
    "address",
    "postcode",
    "city",
    "country",
    "phone",
    "website",
    "email",
    "registration",
)
_OTHER_NAMES = re.compile(r"[|;\n]")
_SCALE, _MOST = 8, 255  # a word's weight in eighths of a bit, kept in the lowest byte of its number
_VOWELS = re.compile(r"[aeiouyhw]+")
_REPEATED = re.compile(r"(.)\1+")
_KNOWN_FIRMS = 1000  # firms a list is thought to hold besides its own, when words are weighed
_COMMON_AMONG_THEM = 20
_OFTEN = 50  # records that share a word that is no name any more, at least


def texts(table: pa.Table, column: str) -> list[str | None]:
    """A column as text without what says nothing; all None if the column is not there."""
    if column not in table.column_names:
        return [None] * table.num_rows
    return [(str(value).strip() or None) if value is not None else None for value in table[column].to_pylist()]


def comparable(table: pa.Table, db: Any) -> pa.Table:
    """One row per record, in the order of `table`, which is by id: what is compared, and `unique_id`.

    `db` is a DuckDB connection; it finds the words that are a letter apart.
    """
    names = _names(table)
    words = [name.meant if name else () for name in names]
    weights, common = _weights(words, db, _anchored(table))
    _remember(words, weights, common, db)
    rarities = _rarities([name.words if name else () for name in names], _anchored(table))
    found = _said(table, names) | _weighed(words, weights, common) | {"rarity": pa.array(rarities, pa.float64())}
    return pa.table(found)


def comparable_by(table: pa.Table, encode: Callable[[str], int], common: Callable[[int], bool]) -> pa.Table:
    """The same for records that come after a comparison: words weigh what they weighed in it. Without `rarity`."""
    names = _names(table)
    words = [name.meant if name else () for name in names]
    frequent = frozenset(code for listed in words for word in listed if common(code := encode(word)))
    return pa.table(_said(table, names) | _weighed(words, encode, frequent))


def words_of(table: pa.Table) -> set[str]:
    """The words that names of these records are compared by."""
    return {word for name in _names(table) if name for word in name.meant}


def common_words() -> frozenset[str]:
    """Words that many firms are called by, whatever the list."""
    return frozenset(meant for word in fields.words().common for meant in fields.meaning().get(word, (word,)))


def _names(table: pa.Table) -> list[fields.Name | None]:
    return [fields.name_of(text) if text else None for text in texts(table, NAME)]


def _said(table: pa.Table, names: Sequence[fields.Name | None]) -> dict[str, Any]:
    """What a record says by itself, whatever the others say."""
    found: dict[str, Any] = {"unique_id": table["id"], "source": pa.array(texts(table, "source"), pa.string())}
    found["core"] = _strings(name.core if name else None for name in names)
    found["squashed"] = _strings("".join(name.words) if name else None for name in names)
    found["sound"] = _strings(_sound("".join(name.words)) if name else None for name in names)
    found["form"] = _strings(_forms(table, names))
    found["initials"] = _strings((n.initials or None) if n else None for n in names)
    found["other_cores"] = pa.array(_other_cores(table, names), pa.list_(pa.string()))
    countries = [fields.country_of(t) if t else None for t in texts(table, "country")]
    found["country"] = _strings(countries)
    found |= _where(table)
    found["phone"] = _strings(fields.phone_of(t, c if c and len(c) == 2 else None) if t else None
                              for t, c in zip(texts(table, "phone"), countries, strict=True))  # fmt: skip
    found["domain"] = _strings(_domains(table))
    return found | _registrations(table, countries)


def _anchored(table: pa.Table) -> float:
    """The share of records with an address or a telephone: what tells namesakes apart."""
    said = zip(texts(table, "address"), texts(table, "phone"), strict=True)
    return sum(address is not None or phone is not None for address, phone in said) / max(int(table.num_rows), 1)


def _strings(values: Iterable[str | None]) -> pa.Array:
    return pa.array(list(values), pa.string())


def _forms(table: pa.Table, names: Sequence[fields.Name | None]) -> Iterable[str | None]:
    for said, name in zip(texts(table, "legal_form"), names, strict=True):
        yield "".join(fields.fold(said).split()).replace(".", "") if said else (name.form if name else None)


def _other_cores(table: pa.Table, names: Sequence[fields.Name | None]) -> list[list[str]]:
    """Every name of a record, the first among them; names in brackets or behind "d/b/a" are not looked for."""
    found = []
    for said, name in zip(texts(table, "other_names"), names, strict=True):
        cores = {name.core} if name else set()
        for text in _OTHER_NAMES.split(said) if said else ():
            other = fields.name_of(text)
            if other:
                cores.add(other.core)
        found.append(sorted(cores))
    return found


def _where(table: pa.Table) -> dict[str, pa.Array]:
    read = [fields.address_of(t) if t else None for t in texts(table, "address")]
    said = [fields.postcode_of(t) if t else None for t in texts(table, "postcode")]
    return {
        "number": _strings(a.number if a else None for a in read),
        "street": _strings(a.street if a else None for a in read),
        "whole_street": _strings(a.whole if a else None for a in read),
        "postcode": _strings(p or (a.postcode if a else None) for p, a in zip(said, read, strict=True)),
        "city": _strings(fields.place_of(t) if t else None for t in texts(table, "city")),
    }


def _domains(table: pa.Table) -> Iterable[str | None]:
    """The website's domain, else the e-mail's."""
    for site, mail in zip(texts(table, "website"), texts(table, "email"), strict=True):
        yield (fields.domain_of(site) if site else None) or (fields.domain_of(mail) if mail else None)


def _registrations(table: pa.Table, countries: Sequence[str | None]) -> dict[str, pa.Array]:
    said = zip(texts(table, "registration"), countries, strict=True)
    read = [registration_of(text, country) if text else None for text, country in said]
    return {
        "registration": _strings(one.number if one else None for one in read),
        "registered": _strings(one.kind if one else None for one in read),
        "valid": pa.array([one.valid if one else None for one in read], pa.bool_()),
    }


# -- words and their weights --------------------------------------------------------------------------------------


def _weights(names: Sequence[tuple[str, ...]], db: Any, anchored: float) -> tuple[Callable[[str], int], frozenset[int]]:
    """word -> number * 256 + weight, and the numbers of words that many firms are called by.

    Words a letter apart have one number, that of the more frequent one.
    """
    counted, words = _counted(names, anchored)
    alike = _alike(counted, db)
    together: dict[str, float] = {}
    for word, count in counted.items():
        together[alike.get(word, word)] = together.get(alike.get(word, word), 0) + count
    common = common_words()
    known, encoded, frequent = words + _KNOWN_FIRMS, {}, set()
    often = max(_OFTEN, words / 400)
    for number, word in enumerate(sorted(together)):
        count = together[word] + (_COMMON_AMONG_THEM if word in common else 0)
        weight = log2(known / count) * (0.5 if len(word) == 1 or word.isdigit() else 1.0)
        encoded[word] = number * 256 + max(1, min(_MOST, round(_SCALE * weight)))
        if word in common or together[word] >= often:
            frequent.add(encoded[word])
    begun = {word[:length] for word in together for length in range(3, len(word)) if encoded[word] in frequent}
    frequent |= {encoded[word] for word in together if word in begun}  # "Elec." for Electric
    return (lambda word: encoded[alike.get(word, word)]), frozenset(frequent)


def _remember(words: Sequence[tuple[str, ...]], encode: Callable[[str], int], common: frozenset[int], db: Any) -> None:
    """Writes `same_firm_vocabulary`: every word, how many names have it, its number with its weight, and whether many firms are called by it."""
    times = Counter(word for listed in words for word in set(listed))
    codes = [encode(word) for word in times]
    known = pa.table({
        "word": pa.array(list(times), pa.string()), "times": pa.array(list(times.values()), pa.int64()),
        "code": pa.array(codes, pa.int64()), "common": pa.array([code in common for code in codes], pa.bool_()),
    })  # fmt: skip
    db.register("same_firm_spoken", known)
    db.execute("CREATE OR REPLACE TABLE same_firm_vocabulary AS SELECT * FROM same_firm_spoken ORDER BY word")
    db.unregister("same_firm_spoken")


def _counted(names: Sequence[tuple[str, ...]], anchored: float) -> tuple[dict[str, float], float]:
    """How many names have each word, and how many names there are. One that stands again counts as `anchored` says: where nothing could
    tell namesakes apart they are taken for one firm, and its words for no more frequent."""
    found: dict[str, float] = {}
    different = Counter(names)
    for listed, times in sorted(different.items()):
        for word in set(listed):
            found[word] = found.get(word, 0) + 1 + (times - 1) * anchored
    return {word: round(count, 6) for word, count in found.items()}, len(different) + (
        len(names) - len(different)
    ) * anchored


def _rarities(names: Sequence[tuple[str, ...]], anchored: float) -> list[float]:
    """How rare each name is by its words as they are written, in bits: what a translation has in common with it is no namesake."""
    counted, known = _counted(names, anchored)
    known += _KNOWN_FIRMS
    common = fields.words().common
    bits = {
        word: log2(known / (count + (_COMMON_AMONG_THEM if word in common else 0)))
        * (0.5 if len(word) == 1 or word.isdigit() else 1.0)
        for word, count in counted.items()
    }
    return [round(sum(bits[word] for word in sorted(set(listed))), 3) for listed in names]


def _alike(counted: dict[str, float], db: Any) -> dict[str, str]:
    """Rare words -> a more frequent word (else the first in order) that is one typing error away."""
    listed = pa.table(
        {"word": pa.array(list(counted), pa.string()), "count": pa.array(list(counted.values()), pa.float64())}
    )
    db.register("same_firm_words", listed)
    rows = db.execute(
        """
        WITH long AS (SELECT word, count FROM same_firm_words WHERE length(word) >= 5 AND NOT regexp_matches(word, '[0-9]')),
        shorter AS (
            SELECT word, count, word AS part FROM long
            UNION ALL
            SELECT word, count, left(word, i - 1) || substr(word, i + 1)
            FROM (SELECT word, count, unnest(range(1, length(word) + 1)) AS i FROM long)
        ),
        near AS (
            SELECT DISTINCT a.word AS word, b.word AS other, b.count AS count
            FROM shorter AS a JOIN shorter AS b USING (part)
            WHERE a.count <= 3 AND (b.count > a.count OR (b.count = a.count AND b.word < a.word))
                AND damerau_levenshtein(a.word, b.word) = 1
        )
        SELECT word, (array_agg(other ORDER BY count DESC, other))[1] FROM near GROUP BY word
        """
    ).fetchall()
    db.unregister("same_firm_words")
    first = dict(rows)
    found = {}
    for word, end in first.items():
        while end in first:
            end = first[end]
        found[word] = end
    return found


def _weighed(
    words: Sequence[tuple[str, ...]], encode: Callable[[str], int], common: frozenset[int]
) -> dict[str, pa.Array]:
    """Numbers of the words with their weights, the sum of these, and the keys made of the words."""
    numbers, sums, rare, own = [], [], [], []
    for listed in words:
        codes = sorted({encode(word) for word in listed})
        numbers.append(codes)
        sums.append(sum(c % 256 for c in codes))
        own.append(sum(len(word) for word in listed if encode(word) not in common) or sum(map(len, listed)))
        rare.append(sorted(codes, key=lambda c: (-(c % 256), c))[:3])
    return {
        "words": pa.array(numbers, pa.list_(pa.int64())),
        "special": pa.array([[c for c in codes if c not in common] for codes in numbers], pa.list_(pa.int64())),
        "weight": pa.array(sums, pa.int32()),
        "own": pa.array(own, pa.int32()),
        "rare1": pa.array([r[0] if r else None for r in rare], pa.int64()),
        "rare2": pa.array([r[1] if len(r) > 1 else None for r in rare], pa.int64()),
        "rare3": pa.array([r[2] if len(r) > 2 else None for r in rare], pa.int64()),
    }


def _sound(squashed: str) -> str:
    """The first letter and the consonants after it: what typing errors in vowels and doubled letters leave."""
    return (squashed[:1] + _REPEATED.sub(r"\1", _VOWELS.sub("", squashed[1:])))[:12]
