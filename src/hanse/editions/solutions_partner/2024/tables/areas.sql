-- Which areas are there? One row per partner and area, so that the metrics of the areas meet in one score.
select partner, 'data_and_ai' as competency from partners
union all select partner, 'digital_and_app_innovation' as competency from partners
union all select partner, 'infrastructure' as competency from partners
union all select partner, 'modern_work' as competency from partners
union all select partner, 'business_applications' as competency from partners
union all select partner, 'security' as competency from partners
