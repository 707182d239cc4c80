"""A believable channel, made from a seed, for the demo, the tests and the benchmarks."""
