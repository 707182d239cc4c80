"""Users, their roles, and the actor a call is made for."""
