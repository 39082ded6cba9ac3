"""Guards that the one counting function gives the same numbers, to the unit, on pandas, on DuckDB and on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.ledger import Ledger
from tests import feed_rows

feed_rows.needed("narwhals", "duckdb", "dask", "distributed", "pyarrow")

import dask.dataframe as dd  # noqa: E402  (what the line above guards)
import duckdb  # noqa: E402
from distributed import Client, LocalCluster  # noqa: E402

from helpers import feed_codes, feed_files, feeds  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Dask support is moving out:FutureWarning")]
KEY = ["key", "added", "detail"]


@pytest.fixture(scope="module")
def walk(project: Ledger) -> feed_codes.Crosswalk:
    return feed_codes.crosswalk(project)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """Rows of every kind, some of which can't be read."""
    broken = [{"id": "x"}, {"day": "20230231"}, {"mentions": ""}, {"added": "now"}, {"sources": "-1"}, {"day": "soon"}]
    return feed_rows.by_chance(6000, 7) + [feed_rows.row(**{"id": 10_000 + place, "second": "NER", **cells}) for place, cells in enumerate(broken)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Client]:
    """Two workers, each a process of its own."""
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit="1GiB") as local, Client(local) as client:
        client.wait_for_workers(2, timeout=60)
        yield client


def same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    """Equal totals, whatever their order and the width of their numbers."""
    kinds = {name: object if name == "detail" else "int64" for name in wanted}
    sides = [frame.astype(kinds).sort_values(KEY).reset_index(drop=True) for frame in (found, wanted)]
    pd.testing.assert_frame_equal(sides[0][sorted(sides[0])], sides[1][sorted(sides[1])])


@pytest.mark.parametrize("place", [False, True])
def test_duckdb_counts_a_relation_as_pandas_counts_the_frame(place: bool, rows: list[dict[str, str]], walk: feed_codes.Crosswalk) -> None:
    text = feed_rows.frame(rows)
    engine = duckdb.connect()
    engine.register("feed", text)
    same(feeds.count(engine.table("feed"), "gdelt2", walk, place), feeds.count(text, "gdelt2", walk, place))


@pytest.mark.parametrize(("place", "partitions"), [(False, 7), (True, 7), (False, 40)])
def test_a_cluster_of_two_workers_counts_a_dask_frame_as_pandas_counts_the_whole(
    place: bool, partitions: int, cluster: Client, rows: list[dict[str, str]], walk: feed_codes.Crosswalk
) -> None:
    text = feed_rows.frame(rows)
    parted = dd.from_pandas(text.sample(frac=1, random_state=3), npartitions=partitions, sort=False)
    assert len(cluster.scheduler_info()["workers"]) == 2
    same(feeds.count(parted, "gdelt2", walk, place), feeds.count(text, "gdelt2", walk, place))


def test_a_cluster_reads_files_of_text_and_of_parquet(cluster: Client, tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    sound = feed_rows.by_chance(2000, 11)
    for number in range(4):
        feed_rows.write(tmp_path / f"{number}.CSV", sound[number::4])
    feed_rows.frame(sound).to_parquet(tmp_path / "all.parquet")
    wanted = feeds.count(feed_rows.frame(sound), "gdelt2", walk)
    text = dd.read_csv(str(tmp_path / "*.CSV"), sep="\t", header=None, names=feed_rows.columns(), dtype=str, quoting=3, keep_default_na=False)
    same(feeds.count(text, "gdelt2", walk), wanted)
    same(feeds.count(dd.read_parquet(tmp_path / "all.parquet"), "gdelt2", walk), wanted)


def test_all_engines_give_the_second_count(cluster: Client, tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    sound = feed_rows.by_chance(5000, 5)
    wanted, text = feed_rows.counted(sound), feed_rows.frame(sound)
    tables: dict[str, Any] = {"pandas": text, "dask": dd.from_pandas(text, npartitions=3)}
    for name, table in tables.items():
        assert feed_rows.as_counts(feeds.counted(feeds.count(table, "gdelt2", walk), walk)[0]) == wanted, name
    files = [feed_rows.write(tmp_path / f"{number}.CSV", sound[number::3]) for number in range(3)]
    assert feed_rows.as_counts(feed_files.count_files(files, "gdelt2", walk)[0]) == wanted


def test_typed_columns_count_alike_on_every_engine(cluster: Client, walk: feed_codes.Crosswalk) -> None:
    """Numbers as numbers, days as dates, missing codes as missing: as a table of an existing warehouse has them."""
    sound = feed_rows.by_chance(1500, 9)
    wanted = feeds.count(feed_rows.frame(sound), "gdelt2", walk)
    typed = feed_rows.frame(sound).replace("", None)
    typed = typed.astype({name: "int64" for name in ("GLOBALEVENTID", "NumMentions", "NumSources", "DATEADDED", "SQLDATE")})
    engine = duckdb.connect()
    engine.register("feed", typed)
    dated = engine.sql("SELECT * REPLACE (strptime(SQLDATE::VARCHAR, '%Y%m%d')::DATE AS SQLDATE) FROM feed")
    for table in (typed, dd.from_pandas(typed, npartitions=2), engine.table("feed"), dated):
        same(feeds.count(table, "gdelt2", walk), wanted)
