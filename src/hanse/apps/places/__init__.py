"""Where partners are: from the facts, from the towns that they name, or as a person has said."""
