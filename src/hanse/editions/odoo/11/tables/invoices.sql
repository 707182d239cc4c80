-- Invoices of the services that earn a commission, each with the partner's level on the day of the invoice: of several
-- levels held that day the highest, and without one a learning partner's. `plan` tells a customer's subscriptions apart.
with lines as (
  select
    row_number() over (partition by partner order by "on", customer, product, plan, amount) as line,
    partner,
    "on",
    product,
    coalesce(customer, '') || ' ' || coalesce(plan, '') as plan,
    case when term_months >= 12 then 1 else 0 end as yearly,
    amount,
    currency
  from sales
  where product in ('enterprise', 'odoo_sh', 'maintenance')
),
standing as (
  select
    l.partner,
    l.line,
    max(case h.subject when 'gold' then 3 when 'silver' then 2 when 'ready' then 1 else 0 end) as step
  from lines as l
  left join levels_held as h
    on h.partner = l.partner
    and h."from" <= l."on"
    and (h.until is null or h.until >= l."on")
    and (h.programme is null or h.programme = 'odoo')
  group by l.partner, l.line
)
select
  l.partner,
  l."on",
  l.product,
  l.plan,
  l.yearly,
  l.amount,
  l.currency,
  case s.step when 3 then 'gold' when 2 then 'silver' when 1 then 'ready' else 'learning' end as level
from lines as l
join standing as s on s.partner = l.partner and s.line = l.line
