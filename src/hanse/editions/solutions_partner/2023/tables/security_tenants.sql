-- How many seats of Microsoft 365 security does each customer pay for, and how many are active, in each month?
select partner, customer, cast(date_trunc('month', "on") as date) as "on",
  sum(case when metric = 'paid_seats' then value else 0 end) as seats,
  sum(case when metric = 'active_users' then value else 0 end) as users
from series
where metric in ('paid_seats', 'active_users')
  and role = 'CPOR'
  and product in (
    'azure_ad_premium', 'defender_for_office_365', 'defender_for_endpoint', 'defender_for_identity',
    'information_protection', 'intune'
  )
group by partner, customer, cast(date_trunc('month', "on") as date)
