"""Where plans run: DuckDB over files, PostgreSQL where the facts are, Spark where one machine is not enough."""
