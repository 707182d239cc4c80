-- How many associations has the learner started in the twelve months up to the day, with whatever partner?
select mine.partner, mine.person,
  sum(case when started.since <= :as_of and started.since > :as_of - interval '12 months' then 1 else 0 end) as value
from (select distinct partner, person from people) as mine
join people as started on started.person = mine.person
group by mine.partner, mine.person
