"""One installation of Hanse: its folder, its database server, its roles, and what is wrong with it."""
