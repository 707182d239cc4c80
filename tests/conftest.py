"""What every test shares: the hypothesis profiles and a Spark session for the tests marked `spark`."""

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

from journeys.chromium import ABSENT, ADVICE

pytest_plugins = ["database"]  # a real PostgreSQL for whoever asks for one

hypothesis.settings.register_profile("quick", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.register_profile("deep", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One local Spark session of two threads, in UTC, without its web page."""
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .appName("hanse-tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield session
    session.stop()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says loudly, where everybody looks, that no browser was there for the journeys."""
    skipped = [str(one.longrepr) for one in terminalreporter.stats.get("skipped", ())]
    without = [one for one in skipped if ABSENT in one]
    if without:
        terminalreporter.section(f"{len(without)} TESTS IN A BROWSER WERE SKIPPED", sep="!", red=True, bold=True)
        terminalreporter.write_line(ADVICE, red=True, bold=True)
