SELECT partner,
       COUNT(*) AS value
FROM sales
WHERE amount_converted >= :least_deal AND "on" <= :as_of
GROUP BY partner
