"""Who is who: groups, country companies, locations, people and where they work, agreements."""
