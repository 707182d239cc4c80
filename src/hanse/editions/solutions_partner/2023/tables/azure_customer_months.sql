-- How much did each customer consume in each month?
select partner, customer, cast(date_trunc('month', "on") as date) as "on", sum(revenue) as revenue
from azure_consumption
group by partner, customer, cast(date_trunc('month', "on") as date)
