-- Which Azure consumption (USD a month, by customer and service) counts? Support, internal, benefit and trial offers do not.
select partner, customer, product, role, "on", value as revenue
from series
where metric = 'azure_consumed_revenue'
  and role in ('CSP', 'DPOR', 'PAL')
  and coalesce(segment, 'paid') not in ('support', 'internal', 'benefit_program', 'trial')
