"""Does Spark start here at all? When the other Spark tests fail, look at this one first."""

from typing import Any

import pyarrow as pa
import pytest

pytestmark = pytest.mark.spark


def test_a_session_answers(spark: Any) -> None:
    assert spark.sql("select 1 as one").collect()[0].one == 1


def test_arrow_tables_go_in_and_come_back(spark: Any) -> None:
    table = pa.table({"partner": ["A", "B"], "amount": [1, 2]})
    assert spark.createDataFrame(table).orderBy("partner").toArrow().equals(table)
