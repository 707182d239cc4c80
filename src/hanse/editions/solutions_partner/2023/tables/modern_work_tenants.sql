-- What does each customer tenant pay for and use, by association type and month, since the association?
-- `opening` marks the month of the association: what was used then is not the partner's growth. A tenant that was
-- deployed when it was claimed never counts as a deployment. Without an association row the customer always was one.
select partner, customer, role, "on", users, seats, enterprise, smb, opening,
  case when seats > 0 and users * 100 >= seats * :deployed_percent then 1 else 0 end as deployed,
  max(case when opening = 1 and seats > 0 and users * 100 > seats * :deployed_percent then 1 else 0 end)
    over (partition by partner, customer, role) as deployed_when_claimed
from (
  select used.partner, used.customer, used.role, used."on",
    sum(case when used.metric = 'active_users' then used.value else 0 end) as users,
    sum(case when used.metric = 'paid_seats' then used.value else 0 end) as seats,
    max(case when used.metric = 'paid_seats' and used.value > :enterprise_seats_above then 1 else 0 end) as enterprise,
    max(case when used.metric = 'paid_seats' and used.value between :smb_seats_from and :smb_seats_to
        then 1 else 0 end) as smb,
    max(case when used."on" = claimed.first_month then 1 else 0 end) as opening
  from (
    select partner, customer, role, metric, value, cast(date_trunc('month', "on") as date) as "on"
    from series
    where metric in ('paid_seats', 'active_users')
      and role in ('CPOR', 'DPOR', 'CSP')
      and product in (
        'intune', 'exchange', 'proplus', 'sharepoint', 'teams', 'teams_meetings', 'teams_phone', 'teams_phone_calling',
        'teams_platform', 'yammer', 'viva_insights', 'viva_topics', 'viva_learning', 'viva_connections'
      )
  ) as used
  left join (
    select partner, customer, role, cast(date_trunc('month', min("from")) as date) as first_month
    from associations
    group by partner, customer, role
  ) as claimed
    on claimed.partner = used.partner and claimed.customer = used.customer and claimed.role = used.role
  where claimed.first_month is null or used."on" >= claimed.first_month
  group by used.partner, used.customer, used.role, used."on"
) as tenant_months
