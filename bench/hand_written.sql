-- The evaluation of bench/edition as a person would write it for DuckDB: see README.md, "The bar".
-- _hand_written.py puts the programme's numbers into small tables, replaces $facts and $out, and runs the statements in order.
-- A key is a partner's number and a competency's in one integer: pid << 6 | competency; 63 is no competency at all.

-- name: macros
CREATE TEMP MACRO whole(total) AS (total::DOUBLE / 1e14)::HUGEINT;
CREATE TEMP MACRO left_over(total) AS total - whole(total) * 100000000000000::HUGEINT;
-- units x factor (24 decimals) to ten decimals, half away from zero, without the slow division of HUGEINTs: twice an
-- approximate quotient in doubles and its exact remainder, so that the last remainder is a BIGINT
CREATE TEMP MACRO last_one(total) AS left_over(left_over(total))::BIGINT;
CREATE TEMP MACRO rounded(total) AS whole(total) + whole(left_over(total)) + CASE
    WHEN total < 0 THEN 1 - (150000000000000 - last_one(total)) // 100000000000000
    ELSE (last_one(total) + 150000000000000) // 100000000000000 - 1 END;
-- rounded(total) >= dollars, without rounding; dollars above zero
CREATE TEMP MACRO reaches(total, dollars) AS
    COALESCE(total >= dollars::HUGEINT * 1000000000000000000000000::HUGEINT - 50000000000000, FALSE);
CREATE TEMP MACRO flag(met, i) AS COALESCE(met, FALSE)::INTEGER << i;

-- name: partners
CREATE TEMP TABLE p0 AS
SELECT file_row_number::INTEGER AS pid, partner, r.country, class_, joined, "left",
    (joined IS NULL OR joined <= DATE '2017-06-30') AND ("left" IS NULL OR "left" > DATE '2017-06-30') AS active,
    CASE WHEN partner IS NULL THEN 'missing:partner' WHEN name IS NULL THEN 'missing:name'
        WHEN r.country IS NULL THEN 'missing:country' WHEN c.country IS NULL THEN 'country'
        WHEN "left" < joined THEN 'left' END AS code
FROM read_parquet('$facts/partners.parquet', file_row_number = true) AS r
LEFT JOIN country AS c ON c.country = r.country;

CREATE TEMP TABLE twice AS
SELECT p0.pid, p0.partner
FROM p0
JOIN (SELECT partner, MIN(pid) AS first FROM p0 WHERE partner IS NOT NULL GROUP BY partner HAVING COUNT(*) > 1) AS d
    ON d.partner = p0.partner AND p0.pid > d.first
WHERE p0.code IS NULL OR p0.code = 'left';

CREATE TEMP TABLE k AS
SELECT pid, partner, country, class_, joined, active
FROM p0
WHERE code IS NULL AND pid NOT IN (SELECT pid FROM twice);

-- name: employed
CREATE TEMP TABLE employed AS
SELECT k.pid, person, since <= DATE '2017-06-30' AND (until IS NULL OR until >= DATE '2017-06-30') AS now
FROM read_parquet('$facts/people.parquet') AS r
JOIN k ON k.partner = r.partner
WHERE since IS NOT NULL AND person IS NOT NULL AND (until IS NULL OR until >= since);

-- name: certificates
-- a person's competencies as bits; bit 63: any valid certificate
CREATE TEMP TABLE persons AS
SELECT person,
    BIT_OR(CASE WHEN earned <= DATE '2017-06-30' AND (expires IS NULL OR expires >= DATE '2017-06-30')
        THEN COALESCE(mask, 0) | (1::UBIGINT << 63) ELSE 0::UBIGINT END) AS mask
FROM read_parquet('$facts/certifications.parquet') AS r
LEFT JOIN masks ON item = certificate
WHERE person IS NOT NULL AND certificate IS NOT NULL AND earned IS NOT NULL AND (expires IS NULL OR expires >= earned)
GROUP BY person;

CREATE TEMP TABLE certified AS
SELECT pid, mask, CASE WHEN pid IS NULL THEN persons.person END AS unknown
FROM persons
LEFT JOIN employed ON employed.person = persons.person
WHERE pid IS NULL OR (now AND mask > 0);

CREATE TEMP TABLE strangers AS SELECT DISTINCT unknown AS person FROM certified WHERE unknown IS NOT NULL;

-- name: bad rows
CREATE TEMP TABLE bad AS
SELECT 'partners' AS t, pid + 1 AS line, code, CASE code WHEN 'left' THEN CAST("left" AS VARCHAR) ELSE country END AS value,
    partner
FROM p0
WHERE code IS NOT NULL AND pid NOT IN (SELECT pid FROM twice)
UNION ALL
SELECT 'partners', pid + 1, 'twice', partner, partner FROM twice
UNION ALL
SELECT 'people', line, code, value, partner FROM (
    SELECT file_row_number + 1 AS line, k.partner,
        CASE WHEN r.person IS NULL THEN 'missing:person' WHEN r.partner IS NULL THEN 'missing:partner'
            WHEN since IS NULL THEN 'missing:since' WHEN until < since THEN 'until'
            WHEN k.pid IS NULL THEN 'partner' END AS code,
        CASE WHEN until < since THEN CAST(until AS VARCHAR) ELSE r.partner END AS value
    FROM read_parquet('$facts/people.parquet', file_row_number = true) AS r
    LEFT JOIN k ON k.partner = r.partner)
WHERE code IS NOT NULL
UNION ALL
SELECT 'surveys', line, code, value, partner FROM (
    SELECT file_row_number + 1 AS line, k.partner,
        CASE WHEN r.partner IS NULL THEN 'missing:partner' WHEN "on" IS NULL THEN 'missing:on'
            WHEN score IS NULL THEN 'missing:score' WHEN k.pid IS NULL THEN 'partner'
            WHEN "on" < k.joined THEN 'on' END AS code,
        CASE WHEN k.pid IS NULL THEN r.partner ELSE CAST("on" AS VARCHAR) END AS value
    FROM read_parquet('$facts/surveys.parquet', file_row_number = true) AS r
    LEFT JOIN k ON k.partner = r.partner)
WHERE code IS NOT NULL
UNION ALL
SELECT 'references', line, code, value, partner FROM (
    SELECT file_row_number + 1 AS line, k.partner,
        CASE WHEN r.partner IS NULL THEN 'missing:partner' WHEN "on" IS NULL THEN 'missing:on'
            WHEN k.pid IS NULL THEN 'partner' WHEN "on" < k.joined THEN 'on' END AS code,
        CASE WHEN k.pid IS NULL THEN r.partner ELSE CAST("on" AS VARCHAR) END AS value
    FROM read_parquet('$facts/references.parquet', file_row_number = true) AS r
    LEFT JOIN k ON k.partner = r.partner)
WHERE code IS NOT NULL
UNION ALL
SELECT 'sales', line, code, value, partner FROM (
    SELECT file_row_number + 1 AS line, k.partner,
        CASE WHEN r.partner IS NULL THEN 'missing:partner' WHEN "on" IS NULL THEN 'missing:on'
            WHEN amount IS NULL THEN 'missing:amount' WHEN currency IS NULL THEN 'missing:currency'
            WHEN k.pid IS NULL THEN 'partner' WHEN "on" < k.joined THEN 'on' END AS code,
        CASE WHEN k.pid IS NULL THEN r.partner ELSE CAST("on" AS VARCHAR) END AS value
    FROM read_parquet('$facts/sales.parquet', file_row_number = true) AS r
    LEFT JOIN k ON k.partner = r.partner)
WHERE code IS NOT NULL
UNION ALL
SELECT 'sales', file_row_number + 1, 'rate:' || r.currency, CAST(r."on" AS VARCHAR), k.partner
FROM (
    SELECT * FROM read_parquet('$facts/sales.parquet', file_row_number = true) AS r
    ANTI JOIN fx ON fx.currency = r.currency AND fx."on" = r."on"
    WHERE r."on" BETWEEN DATE '2016-07-01' AND DATE '2017-06-30' AND r.currency IS NOT NULL AND r.amount IS NOT NULL) AS r
JOIN k ON k.partner = r.partner
WHERE k.joined IS NULL OR r."on" >= k.joined
UNION ALL
SELECT 'certifications', line, code, value, k.partner FROM (
    SELECT file_row_number + 1 AS line, person, CAST(expires AS VARCHAR) AS value,
        CASE WHEN person IS NULL THEN 'missing:person' WHEN certificate IS NULL THEN 'missing:certificate'
            WHEN earned IS NULL THEN 'missing:earned' ELSE 'expires' END AS code
    FROM read_parquet('$facts/certifications.parquet', file_row_number = true)
    WHERE person IS NULL OR certificate IS NULL OR earned IS NULL OR expires < earned) AS b
LEFT JOIN employed AS e ON e.person = b.person AND now
LEFT JOIN k ON k.pid = e.pid
UNION ALL
SELECT 'certifications', file_row_number + 1, 'person', r.person, NULL
FROM read_parquet('$facts/certifications.parquet', file_row_number = true) AS r
SEMI JOIN strangers ON strangers.person = r.person
WHERE certificate IS NOT NULL AND earned IS NOT NULL AND (expires IS NULL OR expires >= earned);

-- name: sales and references
CREATE TEMP TABLE earned AS
SELECT key, SUM(usd) AS usd, COUNT(*) - COUNT(usd) AS refs
FROM (
    SELECT (k.pid::BIGINT << 6) | COALESCE(s.c, 63) AS key, (amount * 100)::BIGINT * 100::HUGEINT * factor AS usd
    FROM read_parquet('$facts/sales.parquet') AS r
    JOIN k ON k.partner = r.partner
    JOIN fx ON fx.currency = r.currency AND fx."on" = r."on"
    LEFT JOIN solutions AS s ON s.item = r.solution
    WHERE r."on" BETWEEN DATE '2016-07-01' AND DATE '2017-06-30' AND (k.joined IS NULL OR r."on" >= k.joined)
        AND amount IS NOT NULL
    UNION ALL
    SELECT (k.pid::BIGINT << 6) | COALESCE(s.c, 63), NULL::HUGEINT
    FROM read_parquet('$facts/references.parquet') AS r
    JOIN k ON k.partner = r.partner
    LEFT JOIN solutions AS s ON s.item = COALESCE(r.competency, r.solution)
    WHERE r."on" BETWEEN DATE '2015-07-01' AND DATE '2017-06-30' AND (k.joined IS NULL OR r."on" >= k.joined))
GROUP BY key;

-- name: competencies
-- held, or one thing short of it: so at least one of revenue and references is there
CREATE TEMP TABLE candidates AS
SELECT key, k.pid, n.c, n.class_, e.usd, e.refs, n.people, reaches(e.usd, n.usd) AS has_usd, e.refs >= n.refs AS has_refs
FROM earned AS e
JOIN k ON k.pid = (key >> 6) AND active
JOIN needs AS n ON n.c = (key & 63) AND n.class_ = k.class_
WHERE has_usd OR has_refs;

CREATE TEMP TABLE near AS
SELECT key, c, class_, COALESCE(x.people, 0) AS people, refs, rounded(usd) AS usd,
    COALESCE(x.people >= l.people, FALSE) AS has_people, has_refs, has_usd
FROM candidates AS l
LEFT JOIN (
    SELECT key, COUNT(*) AS people
    FROM candidates AS i
    JOIN certified AS e ON e.pid = i.pid
    WHERE ((mask >> c::UBIGINT) & 1) = 1
    GROUP BY key) AS x USING (key)
WHERE has_people::INTEGER + has_refs::INTEGER + has_usd::INTEGER >= 2;

-- name: levels
-- bit 5 x level + comparison: whether it holds
CREATE TEMP TABLE levels AS
SELECT *, CASE WHEN (bits >> 10) = 31 THEN 3 WHEN ((bits >> 5) & 31) = 31 THEN 2 WHEN (bits & 31) = 31 THEN 1 ELSE 0 END AS rank
FROM (
    SELECT k.pid, partner, country, k.class_, s / (answers * 10000)::DOUBLE AS a0, COALESCE(people, 0)::DOUBLE AS a1,
        COALESCE(held, 0)::DOUBLE AS a2, COALESCE(rounded(usd), 0)::DOUBLE / 1e10 AS a3, COALESCE(refs, 0)::DOUBLE AS a4,
        flag(s >= ROUND(n0 * 10000) * answers, 0) | flag(people >= n1, 1) | flag(held >= n2, 2) | flag(reaches(usd, n3), 3)
        | flag(refs >= n4, 4) | flag(s >= ROUND(n5 * 10000) * answers, 5) | flag(people >= n6, 6) | flag(held >= n7, 7)
        | flag(reaches(usd, n8), 8) | flag(refs >= n9, 9) | flag(s >= ROUND(n10 * 10000) * answers, 10)
        | flag(people >= n11, 11) | flag(held >= n12, 12) | flag(reaches(usd, n13), 13) | flag(refs >= n14, 14) AS bits
    FROM k
    JOIN level_needs AS n ON n.class_ = k.class_
    LEFT JOIN (SELECT key >> 6 AS pid, SUM(usd) AS usd, SUM(refs) AS refs FROM earned GROUP BY 1) AS e ON e.pid = k.pid
    LEFT JOIN (SELECT pid, COUNT(*) AS people FROM certified GROUP BY pid) AS c ON c.pid = k.pid
    LEFT JOIN (
        SELECT key >> 6 AS pid, COUNT(*) AS held FROM near WHERE has_people AND has_refs AND has_usd GROUP BY 1) AS h
        ON h.pid = k.pid
    LEFT JOIN (
        SELECT k.pid, SUM((score * 10000)::BIGINT)::DOUBLE AS s, COUNT(*) AS answers
        FROM read_parquet('$facts/surveys.parquet') AS r
        JOIN k ON k.partner = r.partner
        WHERE r."on" BETWEEN DATE '2015-07-01' AND DATE '2017-06-30' AND (k.joined IS NULL OR r."on" >= k.joined)
            AND score IS NOT NULL
        GROUP BY k.pid) AS v ON v.pid = k.pid
    WHERE active);

-- name: write standings
COPY (
    SELECT partner, (CASE rank WHEN 0 THEN 'registered' WHEN 1 THEN 'silver' WHEN 2 THEN 'gold' ELSE 'platinum' END)::ranks AS level,
        level AS granted, level AS expected, NULL::VARCHAR AS path, NULL::VARCHAR AS awaiting, NULL::VARCHAR AS held,
        DATE '2017-06-30' AS granted_from, NULL::DATE AS granted_until, 'active'::words AS status, country
    FROM levels
) TO '$out/standings.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880);

-- name: write competencies
COPY (
    SELECT partner, name::subjects AS competency, TRUE AS held, DATE '2017-06-30' AS since, NULL::VARCHAR AS depth
    FROM near
    JOIN k ON k.pid = (key >> 6)
    JOIN competency USING (c)
    WHERE has_people AND has_refs AND has_usd
) TO '$out/competencies.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880);

-- name: write checks
COPY (
    SELECT partner, subject, requirement, requirement AS metric, actual, needed, met, clause, 'at_least'::words AS comparison,
        NULL::VARCHAR AS note
    FROM (
        SELECT partner, subject, requirement,
            CASE i % 5 WHEN 0 THEN a0 WHEN 1 THEN a1 WHEN 2 THEN a2 WHEN 3 THEN a3 ELSE a4 END AS actual,
            needed, ((bits >> i) & 1) = 1 AS met, clause
        FROM levels
        JOIN level_rows USING (class_)
        UNION ALL
        SELECT partner, subject, requirement,
            CASE j WHEN 0 THEN people::DOUBLE WHEN 1 THEN refs::DOUBLE ELSE COALESCE(usd, 0)::DOUBLE / 1e10 END,
            needed, CASE j WHEN 0 THEN has_people WHEN 1 THEN has_refs ELSE has_usd END, clause
        FROM near
        JOIN k ON k.pid = (key >> 6)
        JOIN competency_rows AS r ON r.c = near.c AND r.class_ = near.class_)
) TO '$out/checks.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880);

-- name: write benefits
COPY (
    SELECT partner, 'vouchers'::words AS benefit,
        (CASE rank WHEN 0 THEN 6 WHEN 1 THEN 12 WHEN 2 THEN 20 ELSE 40 END)::DOUBLE AS quantity, 'voucher'::words AS unit,
        NULL::VARCHAR AS currency, DATE '2017-01-01' AS "from", DATE '2017-12-31' AS "until", 0::DOUBLE AS used,
        quantity AS "left"
    FROM levels
) TO '$out/benefits.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880);

-- name: write results
COPY (
    SELECT partner, 'client_satisfaction'::requirements AS result, NULL::VARCHAR AS subject, a0 AS number, NULL::VARCHAR AS text,
        NULL::DATE AS "on"
    FROM levels
    WHERE a0 IS NOT NULL
) TO '$out/results.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880);

-- name: write problems
COPY (
    SELECT t AS "table", t || '.parquet' AS file, line::BIGINT AS line,
        CASE WHEN code LIKE 'missing:%' THEN SUBSTRING(code, 9) || ' is missing'
            WHEN code = 'country' THEN 'country ''' || value || ''' does not exist'
            WHEN code = 'twice' THEN 'the partner ''' || value || ''' stands there twice'
            WHEN code IN ('partner', 'person') THEN code || ' ''' || value || ''' is not known'
            WHEN code = 'on' THEN 'on ' || value || ' lies before the partner joined'
            WHEN code IN ('until', 'expires', 'left') THEN code || ' ' || value || ' lies before the beginning'
            WHEN known THEN 'no exchange rate for ' || SUBSTRING(code, 6) || ' on ' || value
            ELSE 'currency ''' || SUBSTRING(code, 6) || ''' does not exist' END AS what,
        CASE WHEN code LIKE 'missing:%' THEN t || ' needs it in every row'
            WHEN code = 'country' THEN 'countries are ISO 3166-1 alpha-2 codes'
            WHEN code = 'twice' THEN 'a key belongs to one partner; the first row counts'
            WHEN code = 'partner' THEN 'partners has no valid row with that key'
            WHEN code = 'person' THEN 'people has no valid row with that key'
            WHEN code = 'on' THEN 'a fact cannot be older than the partnership'
            WHEN code IN ('until', 'expires', 'left') THEN 'a period ends on or after its first day'
            WHEN known THEN 'none was published on that day or the ten publication days before'
            ELSE 'currencies are ISO 4217 codes' END AS why,
        'not counted' AS effect, partner
    FROM (SELECT bad.*, iso IS NOT NULL AS known FROM bad LEFT JOIN currencies ON iso = SUBSTRING(code, 6))
    ORDER BY t, line
) TO '$out/problems.parquet' (FORMAT parquet, COMPRESSION zstd);
