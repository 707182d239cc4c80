"""What a programme can say: facts, metrics, windows, conditions, money."""
