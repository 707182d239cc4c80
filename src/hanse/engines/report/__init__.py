"""The report of a rehearsal: one static page that a channel chief can read, print and pass on."""
