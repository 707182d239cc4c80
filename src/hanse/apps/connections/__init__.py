"""Partners who know one another: who asks, who accepts, and what they then see."""
