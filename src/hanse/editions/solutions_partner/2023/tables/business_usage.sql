-- Which use of business workloads counts? Power Platform and Customer Insights through PAL, the others through CPOR,
-- DPOR or CSP. The rate of each workload stands in metrics.yaml.
select partner, product, customer || ' / ' || product as name, "on", value
from series
where metric in ('active_users', 'active_capacity')
  and (
    (product in ('power_apps', 'power_automate', 'power_bi', 'customer_insights') and role = 'PAL')
    or (product not in ('power_apps', 'power_automate', 'power_bi', 'customer_insights')
        and role in ('CPOR', 'DPOR', 'CSP'))
  )
