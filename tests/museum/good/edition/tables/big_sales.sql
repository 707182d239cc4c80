SELECT partner, customer, amount, "on"
FROM sales
WHERE amount >= 100
