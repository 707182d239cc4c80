"""Who did what, when and why, chained so that nobody can change it unseen."""
