"""Partner programmes written as data: evaluated, explained and rehearsed."""
