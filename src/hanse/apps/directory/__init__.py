"""Who can be found, by whom and by what: the directory of partners."""
