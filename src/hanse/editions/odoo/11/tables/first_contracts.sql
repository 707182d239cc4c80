-- Each customer of a partner: the day of its first contract, and whether one is in force on the day judged.
select
  partner,
  customer,
  min("start") as "on",
  max(case when "end" is null or "end" >= :as_of then 1 else 0 end) as active
from contracts
where "start" <= :as_of
group by partner, customer
