"""Is the made-up channel believable, whole, and always the same?"""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from demo.made import CATALOGUE, PARTNERS, Ask, asker, made, prints
from hanse.demo.catalogue import Catalogue, Competency
from hanse.demo.channel import AS_OF, BENCH_TABLES, TABLES
from hanse.demo.firms import CURRENCIES, Places
from hanse.language.facts import CONTRACT
from hanse.language.problems import CallError

WINDOW = date(2014, 7, 1)

# south, north, west, east; generous to the sea
BOXES = {
    "AE": (22, 27, 51, 57), "AR": (-56, -21, -74, -53), "AT": (46, 49.1, 9, 17.3),
    "AU": (-44, -10, 112, 154), "BE": (49.4, 51.6, 2.4, 6.5), "BG": (41, 44.3, 22, 28.7),
    "BR": (-34, 6, -74, -34), "CA": (41, 84, -141, -52),
    "CH": (45.7, 47.9, 5.8, 10.6), "CL": (-56, -17, -76, -66), "CN": (18, 54, 73, 135),
    "CO": (-5, 13, -80, -66), "CZ": (48.5, 51.1, 12, 19), "DE": (47, 55.2, 5.8, 15.1),
    "DK": (54.5, 57.9, 8, 15.3), "EE": (57.4, 59.9, 21, 28.3),
    "EG": (21.9, 31.8, 24.6, 37), "ES": (35.9, 43.9, -9.4, 4.4), "FI": (59.6, 70.2, 20, 31.7),
    "FR": (41.2, 51.2, -5.3, 9.7), "GB": (49.8, 61, -8.7, 2), "GR": (34.7, 41.9, 19.3, 28.4),
    "HK": (22.1, 22.6, 113.8, 114.5), "HR": (42.3, 46.6, 13.4, 19.5), "HU": (45.7, 48.6, 16, 23),
    "ID": (-11.1, 6.2, 95, 141.1), "IE": (51.3, 55.5, -10.7, -5.9), "IL": (29.4, 33.4, 34.2, 35.9),
    "IN": (6.7, 35.6, 68, 97.5), "IS": (63.2, 66.6, -24.6, -13.4), "IT": (35.4, 47.2, 6.6, 18.6),
    "JP": (24, 45.6, 122.9, 146), "KR": (33, 38.7, 124.5, 131), "LT": (53.8, 56.5, 20.9, 26.9),
    "LU": (49.4, 50.2, 5.7, 6.6), "MA": (27.6, 36, -13.2, -0.9), "MX": (14.5, 32.8, -117.2, -86.7),
    "MY": (0.8, 7.4, 99.6, 119.3), "NG": (4.2, 13.9, 2.6, 14.7), "NL": (50.7, 53.7, 3.3, 7.3),
    "NO": (57.9, 71.3, 4.4, 31.2), "NZ": (-47.4, -34.3, 166.3, 178.7), "PE": (-18.4, 0, -81.4, -68.6),
    "PH": (4.6, 19.6, 116.9, 126.7), "PL": (49, 54.9, 14.1, 24.2), "PT": (36.9, 42.2, -9.6, -6.1),
    "RO": (43.6, 48.3, 20.2, 29.8), "SA": (16.3, 32.2, 34.5, 55.7), "SE": (55.3, 69.1, 10.9, 24.2),
    "SG": (1.2, 1.5, 103.6, 104.1), "SI": (45.4, 46.9, 13.3, 16.6), "SK": (47.7, 49.7, 16.8, 22.6),
    "TH": (5.6, 20.5, 97.3, 105.7), "TN": (30.2, 37.6, 7.5, 11.6), "TR": (35.8, 42.2, 25.6, 44.9),
    "TW": (21.8, 25.4, 119.9, 122.1), "UA": (44.3, 52.4, 22.1, 40.3), "US": (24.4, 49.4, -125, -66.9),
    "VN": (8.5, 23.4, 102.1, 109.5), "ZA": (-34.9, -22.1, 16.4, 32.9),
}  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """5,000 partners without bad rows."""
    folder = tmp_path_factory.mktemp("good")
    made(folder, partners=PARTNERS, bad_rows=False)
    return asker(folder)


@pytest.mark.parametrize("how", [{}, {"format": "csv"}, {"profile": "bench", "partners": 21_000}])
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, how: dict[str, Any]) -> None:
    made(tmp_path / "one", **how)
    threads = pa.cpu_count()
    pa.set_cpu_count(threads + 1)
    try:
        made(tmp_path / "two", **how)
    finally:
        pa.set_cpu_count(threads)
    assert prints(tmp_path / "one") == prints(tmp_path / "two")


def test_another_seed_gives_another_channel(tmp_path: Path) -> None:
    made(tmp_path / "one", seed=7)
    made(tmp_path / "two", seed=8)
    one, two = prints(tmp_path / "one"), prints(tmp_path / "two")
    assert one.keys() == two.keys()
    assert not set(one.values()) & set(two.values())


def test_a_folder_is_overwritten(tmp_path: Path) -> None:
    made(tmp_path / "fresh", format="csv")
    made(tmp_path / "used", seed=9)
    made(tmp_path / "used", format="csv")
    assert prints(tmp_path / "used") == prints(tmp_path / "fresh")


def test_every_column_is_one_of_the_contract(good: Ask) -> None:
    types = {
        "day": {"DATE"},
        "amount": {"DECIMAL(18,2)"},
        "integer": {"BIGINT"},
        "real": {"DOUBLE"},
        "number": {"DECIMAL(4,1)", "DECIMAL(5,2)", "BIGINT"},
    }
    for table in TABLES:
        columns = {row[0]: row[1] for row in good(f'DESCRIBE "{table}"')}
        declared = CONTRACT[table].by_name
        assert columns.keys() <= declared.keys()
        assert {column.name for column in declared.values() if column.required} <= columns.keys()
        for name, found in columns.items():
            assert found in types.get(declared[name].type, {"VARCHAR"}), (table, name)


def test_required_values_are_there(good: Ask) -> None:
    for table in TABLES:
        for column in CONTRACT[table].columns:
            if column.required:
                assert good(f'SELECT count(*) FROM "{table}" WHERE "{column.name}" IS NULL') == [(0,)]


@pytest.mark.parametrize(
    ("table", "least", "most"),
    [
        ("people", 5, 10),
        ("certifications", 10, 30),
        ("surveys", 10, 20),
        ("references", 1, 5),
        ("sales", 14, 26),
        ("customers", 4, 8),
        ("deals", 2, 4),
        ("levels_held", 1.5, 2.5),
        ("attestations", 1, 2),
        ("ownership", 0.02, 0.06),
        ("benefit_uses", 0.5, 2),
        ("exceptions", 0.001, 0.01),
    ],
)
def test_there_are_believably_many_rows_per_partner(good: Ask, table: str, least: float, most: float) -> None:
    [(rows,)] = good(f'SELECT count(*) FROM "{table}"')
    assert least <= rows / PARTNERS <= most


def test_sixty_countries_and_twelve_currencies(good: Ask) -> None:
    assert good("SELECT count(*), count(DISTINCT country) FROM partners") == [(PARTNERS, 60)]
    assert {row[0] for row in good("SELECT DISTINCT currency FROM sales")} == set(CURRENCIES)
    assert len(CURRENCIES) == 12


def test_towns_are_where_their_country_is() -> None:
    places = Places.read()
    assert {row["country"] for row in places.countries} == set(BOXES)
    assert {row["country"] for row in places.towns} == set(BOXES)
    for town in places.towns:
        south, north, west, east = BOXES[town["country"]]
        assert south <= float(town["latitude"]) <= north, town
        assert west <= float(town["longitude"]) <= east, town
    counted = [sum(town["country"] == country for town in places.towns) for country in BOXES]
    assert min(counted) >= 3
    assert max(counted) <= 6


def test_partners_are_in_their_town(good: Ask) -> None:
    towns = {(t["country"], t["city"]): t for t in Places.read().towns}
    for country, city, latitude, longitude in good("SELECT country, city, latitude, longitude FROM partners"):
        town = towns[country, city]
        assert abs(latitude - float(town["latitude"])) <= 0.0301
        assert abs(longitude - float(town["longitude"])) <= 0.0301


def test_good_rows_refer_to_what_is_there(good: Ask) -> None:
    partners, people = "(SELECT partner FROM partners)", "(SELECT person FROM people)"
    for table in set(TABLES) - {"certifications", "customers", "ownership"}:
        assert good(f'SELECT count(*) FROM "{table}" WHERE partner NOT IN {partners}') == [(0,)]
    assert good(f"SELECT count(*) FROM certifications WHERE person NOT IN {people}") == [(0,)]
    assert good(f"SELECT count(*) FROM ownership WHERE owner NOT IN {partners} OR owned NOT IN {partners}") == [(0,)]
    for table in ("sales", "deals", "references", "surveys"):
        missing = f'SELECT count(*) FROM "{table}" WHERE customer NOT IN (SELECT customer FROM customers)'
        assert good(missing) == [(0,)]
    for table, key in (("partners", "partner"), ("customers", "customer"), ("deals", "deal")):
        assert good(f"SELECT count(*) - count(DISTINCT {key}) FROM {table}") == [(0,)]


def test_good_rows_lie_inside_their_time(good: Ask) -> None:
    for table in ("surveys", "references", "sales"):
        outside = f"""SELECT count(*) FROM "{table}" JOIN partners USING (partner)
            WHERE "on" < joined OR "on" > coalesce("left", DATE '{AS_OF}') OR "on" < DATE '{WINDOW}'"""
        assert good(outside) == [(0,)]
    assert good("SELECT count(*) FROM deals JOIN partners USING (partner) WHERE opened < joined") == [(0,)]
    for table in TABLES:
        lasts = CONTRACT[table].lasts
        if lasts and lasts[1] in {row[0] for row in good(f'DESCRIBE "{table}"')}:
            assert good(f'SELECT count(*) FROM "{table}" WHERE "{lasts[1]}" < "{lasts[0]}"') == [(0,)]
    assert good("SELECT count(*) FROM people WHERE since > DATE '2017-06-30'") == [(0,)]
    assert good("SELECT count(*) FROM certifications WHERE earned > DATE '2017-06-30'") == [(0,)]


def test_names_are_believable(good: Ask) -> None:
    [(names,)] = good("SELECT count(DISTINCT name) FROM partners")
    assert names > 0.97 * PARTNERS
    assert all(row[0] for row in good("SELECT name LIKE '% %' FROM partners"))
    assert {row[0][:3] for row in good("SELECT name FROM partners WHERE country = 'ID'")} == {"PT "}
    german = [row[0] for row in good("SELECT name FROM partners WHERE country = 'DE'")]
    assert all(name.endswith((" GmbH", " AG", " GmbH & Co. KG")) for name in german)


def test_firms_come_and_go(good: Ask) -> None:
    [(lately, gone)] = good(f"SELECT count(*) FILTER (joined >= DATE '{WINDOW}'), count(\"left\") FROM partners")
    assert 0.10 < lately / PARTNERS < 0.20
    assert 0.01 < gone / PARTNERS < 0.04


def test_groups_reach_over_countries(good: Ask) -> None:
    groups = good(
        'SELECT "group", count(*), count(DISTINCT country) FROM partners WHERE "group" IS NOT NULL GROUP BY 1'
    )
    assert len(groups) > 20
    assert sum(countries > 1 for _, _, countries in groups) > len(groups) / 2
    [(majority, minority)] = good(
        "SELECT count(*) FILTER (percent > 50), count(*) FILTER (percent <= 50) FROM ownership"
    )
    assert majority > minority > 0
    apart = """SELECT count(*) FROM ownership JOIN partners a ON a.partner = owner
        JOIN partners b ON b.partner = owned
        WHERE percent > 50 AND a."group" IS DISTINCT FROM b."group" """
    assert good(apart) == [(0,)]


def test_people_carry_their_certificates_to_the_next_firm(good: Ask) -> None:
    moves = good(
        """SELECT count(*), count(*) FILTER (a.until < b.since), count(*) FILTER (p.country = q.country)
        FROM people a JOIN people b ON a.person = b.person AND a.since < b.since
        JOIN partners p ON p.partner = a.partner JOIN partners q ON q.partner = b.partner
        WHERE p.partner <> q.partner"""
    )
    count, in_turn, in_country = moves[0]
    assert count > 500
    assert count == in_turn == in_country
    [(carried,)] = good(
        """SELECT count(*) FROM certifications c JOIN people b USING (person)
        WHERE c.earned < b.since AND b.partner[4:] <> b.person[4:10]"""
    )
    assert carried > 500


def test_certificates_lapse_and_old_ones_are_about(good: Ask) -> None:
    [(lapsed, endless, old, nothing, sales)] = good(
        f"""SELECT avg((expires < DATE '{AS_OF}')::INT), avg((expires IS NULL)::INT),
        avg((certificate LIKE '000-%')::INT), avg((certificate IN ('000-910', '000-925', '000-951'))::INT),
        avg((certificate LIKE 'M%')::INT) FROM certifications"""
    )
    assert 0.10 < lapsed < 0.45
    assert 0.05 < endless < 0.15
    assert 0.05 < old < 0.30
    assert 0.01 < nothing < 0.10
    assert 0.15 < sales < 0.50


def test_the_channel_is_a_pyramid(good: Ask) -> None:
    [(top_tenth,)] = good(
        """WITH r AS (
            SELECT partner, sum(amount * CASE currency WHEN 'JPY' THEN 0.01 WHEN 'INR' THEN 0.015 ELSE 1 END)
            AS sold FROM sales GROUP BY 1),
        n AS (SELECT sold, percent_rank() OVER (ORDER BY sold) AS place FROM r)
        SELECT sum(sold) FILTER (place >= 0.9) / sum(sold) FROM n"""
    )
    assert 0.6 < top_tenth < 0.95
    [(none, few, many)] = good(
        """WITH c AS (
            SELECT p.partner, count(c.person) AS n FROM partners p LEFT JOIN people e USING (partner)
            LEFT JOIN certifications c USING (person) GROUP BY 1)
        SELECT avg((n = 0)::INT), avg((n BETWEEN 1 AND 10)::INT), avg((n > 60)::INT) FROM c"""
    )
    assert none < 0.1
    assert few > 0.35
    assert 0.01 < many < 0.15


def test_a_partner_pursues_few_competencies(good: Ask) -> None:
    [(at_most,)] = good('SELECT max(n) FROM (SELECT count(DISTINCT competency) n FROM "references" GROUP BY partner)')
    assert 3 <= at_most <= 5
    [(dearest,)] = good(
        """SELECT avg(best) FROM (SELECT partner, max(n) / sum(n) AS best FROM (
            SELECT partner, solution, count(*) n FROM sales GROUP BY ALL) GROUP BY 1 HAVING sum(n) > 20)"""
    )
    assert dearest > 0.2


def test_partners_differ_in_quality(good: Ask) -> None:
    [(mean, spread, low, high)] = good(
        """SELECT avg(q), stddev(q), min(score), max(score) FROM
        (SELECT avg(score) OVER (PARTITION BY partner) AS q, score FROM surveys)"""
    )
    assert 7 < mean < 8.5
    assert 0.4 < spread < 1.0
    assert 0 <= low < 5
    assert high == 10


def test_levels_held_are_of_both_programmes(good: Ask) -> None:
    held = dict(good("SELECT (programme, subject)::VARCHAR, count(DISTINCT partner) FROM levels_held GROUP BY 1"))
    old = [held[f"(partnerworld_2004, {level})"] for level in ("member", "advanced", "premier")]
    new = [held[f"(partnerworld, {level})"] for level in CATALOGUE.levels]
    assert old == sorted(old, reverse=True)
    assert new == sorted(new, reverse=True)
    twice = """SELECT count(*) FROM (SELECT partner FROM levels_held WHERE programme = 'partnerworld'
        AND until IS NULL GROUP BY 1 HAVING count(*) > 1)"""
    assert good(twice) == [(0,)]


def test_the_good_rows_are_the_same_in_both_formats(tmp_path: Path) -> None:
    made(tmp_path / "parquet", bad_rows=False)
    made(tmp_path / "csv", bad_rows=False, format="csv")
    for table in TABLES:
        typed = duckdb.sql(f"SELECT * FROM '{tmp_path / 'parquet' / table}.parquet'")
        kinds = dict(zip(typed.columns, map(str, typed.types), strict=True))
        text = duckdb.sql(f"SELECT * FROM read_csv('{tmp_path / 'csv' / table}.csv', header = true, columns = {kinds})")
        assert typed.fetchall() == text.fetchall(), table


def test_the_bench_profile_has_the_sizes_of_the_benchmark(tmp_path: Path) -> None:
    channel = made(tmp_path, partners=10_000, profile="bench")
    assert channel.bad == {}
    assert tuple(channel.rows) == BENCH_TABLES
    expected = {"partners": 1, "people": 5, "certifications": 10, "surveys": 3, "references": 8, "sales": 20}
    for table, per_partner in expected.items():
        assert channel.rows[table] / 10_000 == pytest.approx(per_partner, rel=0.1), table
    [(groups, most)] = duckdb.sql(
        f"""SELECT count(*), max(n) FROM (SELECT any_value(row_group_num_rows) n
        FROM parquet_metadata('{tmp_path / "sales.parquet"}') GROUP BY row_group_id)"""
    ).fetchall()
    assert groups == 2
    assert most == 122_880
    assert made(tmp_path, profile="bench", bad_rows=True).bad["sales", "no_rate"] == 1


@pytest.mark.parametrize("partners", [1, 2, 61])
def test_a_small_channel_is_one_too(tmp_path: Path, partners: int) -> None:
    made(tmp_path, partners=partners, bad_rows=False)
    assert asker(tmp_path)("SELECT count(*) FROM partners") == [(partners,)]
    made(tmp_path, partners=partners, format="csv")


def test_a_small_programme_is_enough(tmp_path: Path) -> None:
    only = Catalogue(levels=("partner",), competencies=(Competency("one", ("X",), ("y",)),), worthless=())
    made(tmp_path, catalogue=only)
    ask = asker(tmp_path)
    assert ask("SELECT DISTINCT certificate FROM certifications WHERE certificate IS NOT NULL") == [("X",)]
    assert ask("SELECT DISTINCT subject FROM levels_held WHERE programme = 'programme'") == [("partner",)]


def test_another_day_and_fewer_currencies(tmp_path: Path) -> None:
    made(tmp_path, as_of=date(2024, 2, 29), currencies=("EUR", "USD"), bad_rows=False)
    ask = asker(tmp_path)
    assert {row[0] for row in ask("SELECT DISTINCT currency FROM sales")} == {"EUR", "USD"}
    [(first, last)] = ask('SELECT min("on"), max("on") FROM sales')
    assert date(2021, 2, 28) <= first < last <= date(2024, 2, 29)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"partners": 0}, "partners: 0 is not possible"),
        ({"format": "xml"}, "format: 'xml' is no format"),
        ({"profile": "huge"}, "profile: 'huge' is no profile"),
        ({"currencies": ("EUR", "XXX")}, "currencies: XXX has no price level"),
        ({"currencies": ()}, "currencies: there are none"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(tmp_path: Path, wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(CallError, match=says):
        made(tmp_path / "never", **wrong)
    assert not (tmp_path / "never").exists()


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    made(tmp_path, partners=150, on_progress=lambda done, of: told.append((done, of)))
    assert told == [(150, 150)]
