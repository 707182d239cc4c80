-- How much revenue (USD) does each workload of each customer bring in each month?
select partner, customer || ' / ' || product as name, cast(date_trunc('month', "on") as date) as "on",
  sum(value) as revenue
from series
where metric = 'workload_revenue' and role in ('CPOR', 'CSP', 'DPOR')
group by partner, customer || ' / ' || product, cast(date_trunc('month', "on") as date)
