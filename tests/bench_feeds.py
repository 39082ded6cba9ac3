"""Guards the speed of counting feeds, as ratios measured in one run: `python -m tests.bench_feeds`; exit status 1 where a limit is passed.

Rows are generated in the layout of GDELT 2.0 (61 columns, text) into a temporary folder that is removed: 1.25, 5 and 20 million.
1. sql: our counting of files, as `python -m helpers feed` runs it, against DuckDB SQL written by hand over DuckDB's own reader of text.
2. pandas: against plain pandas (read the columns, filter, group), in time and in peak memory.
3. growth: four times and sixteen times the rows take at most as many times as long.
4. units: SQL, plain pandas, our counting of files, our function on a pandas frame and on a Dask cluster of two workers give the same numbers.
Each measure runs in a process of its own, which says its seconds and its peak memory; all take turns in every round, and the fastest
round of each counts, so that a busy machine strikes them alike.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from helpers import feed_codes, feed_files, feeds
from helpers.ledger import load
from helpers.schema import PROJECT_DATA

SIZES = (1_250_000, 5_000_000, 20_000_000)
ROUNDS = 3
LIMITS = {"sql": 1.15, "pandas": 0.35, "memory": 0.30, "growth 4": 4.0, "growth 16": 16.0}
KEY = ["month", "host", "bloc", "direction"]
ACTORS = [""] * 24 + ["USA"] * 14
ACTORS += "GBR RUS CHN FRA DEU IRN SYR TUR UKR ISR IND CAN AUS JPN AFR EUR EGY KEN NGA ZAF PAK BRA ITA ROM MLI NER".split()
EVENTS = "010 020 036 040 042 043 051 057 061 070 071 072 074 087 0874 111 112 120 130 141 1621 166 173 190 193".split()


def generate(path: Path, number: int) -> None:
    """Writes rows of the feed: about one in sixteen names a host; ids repeat now and then, with the same content."""
    pick = {7: f"{ACTORS}[1 + (hash(n * 7 + 1) % {len(ACTORS)})::INT]", 17: f"{ACTORS}[1 + (hash(n * 11 + 2) % {len(ACTORS)})::INT]",
            26: f"{EVENTS}[1 + (hash(n * 13 + 3) % {len(EVENTS)})::INT]", 31: "hash(n * 17) % 20 + 1", 32: "hash(n * 19) % 3 + 1", 53: "'US'"}
    day = f"strftime(DATE '2015-03-01' + (n * 3650 // {number})::INT, '%Y%m%d')"
    named = {0: "n", 1: day, 30: "'1.9'", 59: f"{day} || '143000'", **pick}
    cells = ", ".join(f"{named.get(place, repr(''))} AS c{place}" for place in range(61))
    rows = f"SELECT {cells} FROM (SELECT i - (i % 500 = 499)::INT AS n FROM range({number}) t(i))"
    duckdb.sql(f"COPY ({rows}) TO '{path}' (HEADER false, DELIMITER '\t', QUOTE '')")


def monthly(table: pd.DataFrame) -> pd.DataFrame:
    """Counts by day as counts by month."""
    return table.assign(month=table["day"].str[:7]).groupby(KEY, as_index=False)[["events", "mentions", "sources"]].sum()


def engine() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("SET preserve_insertion_order = false").fetchall()
    return made


def ours(path: Path, codes: feed_codes.Crosswalk) -> pd.DataFrame:
    """Our counting of files, on DuckDB."""
    return monthly(feed_files.count_files([path], "gdelt2", codes)[0])


def _listed(codes: Any) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def sql(path: Path, codes: feed_codes.Crosswalk) -> pd.DataFrame:
    """The same by hand."""
    feed = engine()
    hosts, coming = _listed(codes.hosts), _listed(code for code, sign in codes.directions.items() if sign > 0)
    blocs = "VALUES " + ", ".join(f"('{code}', '{codes.bloc_of[ours]}')" for code, ours in codes.country.items() if ours in codes.bloc_of)
    numbers = [name for role, name in feed_codes.roles("gdelt2").items() if role not in feeds.TEXT]
    names = {name: "BIGINT" if name in numbers else "VARCHAR" for name in feed_codes.described()["formats"]["gdelt2"]["columns"]}
    feed.read_csv(str(path), sep="\t", header=False, quotechar="", escapechar="", columns=names, auto_detect=False).create_view("rows")
    return feed.sql(f"""
        WITH blocs(code, bloc) AS ({blocs}), ours AS (
            SELECT GLOBALEVENTID AS id, SQLDATE AS day, EventCode AS code, NumMentions AS mentions, NumSources AS sources,
                   CASE WHEN Actor2CountryCode IN ({hosts}) THEN Actor2CountryCode ELSE Actor1CountryCode END AS host,
                   CASE WHEN Actor2CountryCode IN ({hosts}) THEN Actor1CountryCode ELSE Actor2CountryCode END AS partner
            FROM rows
            WHERE (Actor1CountryCode IN ({hosts}) OR Actor2CountryCode IN ({hosts})) AND Actor1CountryCode <> Actor2CountryCode
              AND EventCode IN ({_listed(codes.directions)}) AND (Actor2CountryCode IN ({hosts}) OR EventCode NOT IN ({_listed(codes.giving)}))
        ), once AS (
            SELECT id, min(day) AS day, min(host) AS host, min(bloc) AS bloc, min(CASE WHEN ours.code IN ({coming}) THEN 1 ELSE -1 END) AS direction,
                   max(mentions) AS mentions, max(sources) AS sources
            FROM ours JOIN blocs ON partner = blocs.code GROUP BY id
        )
        SELECT strftime(strptime(day::VARCHAR, '%Y%m%d'), '%Y-%m') AS month, host, bloc, direction, count(*) AS events, sum(mentions)::BIGINT AS mentions,
               sum(sources)::BIGINT AS sources
        FROM once GROUP BY ALL""").df()


def read(path: Path) -> pd.DataFrame:
    """The columns that counting needs, as pandas reads them."""
    names = feed_codes.described()["formats"]["gdelt2"]["columns"]
    wanted = list(feed_codes.roles("gdelt2").values())
    text = {name: str for role, name in feed_codes.roles("gdelt2").items() if role in feeds.TEXT}
    return pd.read_csv(path, sep="\t", header=None, names=names, usecols=wanted, dtype=text, quoting=3)


def plain(path: Path, codes: feed_codes.Crosswalk) -> pd.DataFrame:
    """The same in plain pandas."""
    rows = read(path)
    first, second, code = rows["Actor1CountryCode"], rows["Actor2CountryCode"], rows["EventCode"]
    forward = second.isin(codes.hosts)
    rows = rows[(forward | first.isin(codes.hosts)) & code.isin(codes.directions) & first.ne(second) & (forward | ~code.isin(codes.giving))]
    forward = rows["Actor2CountryCode"].isin(codes.hosts)
    blocs = {code: codes.bloc_of[ours] for code, ours in codes.country.items() if ours in codes.bloc_of}
    acts = rows.assign(host=rows["Actor2CountryCode"].where(forward, rows["Actor1CountryCode"]), direction=rows["EventCode"].map(codes.directions),
                       bloc=rows["Actor1CountryCode"].where(forward, rows["Actor2CountryCode"]).map(blocs))
    acts = acts.dropna(subset="bloc").drop_duplicates("GLOBALEVENTID")
    acts["month"] = pd.to_datetime(acts["SQLDATE"].astype(str), format="%Y%m%d").dt.strftime("%Y-%m")
    return acts.groupby(KEY, as_index=False).agg(events=("NumMentions", "size"), mentions=("NumMentions", "sum"), sources=("NumSources", "sum"))


def framed(path: Path, codes: feed_codes.Crosswalk) -> pd.DataFrame:
    """Our function on a pandas frame."""
    return monthly(feeds.counted(feeds.count(read(path), "gdelt2", codes), codes)[0])


def dask(path: Path, codes: feed_codes.Crosswalk) -> pd.DataFrame:
    """Our function on a Dask frame of a cluster of two workers."""
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    names = feed_codes.described()["formats"]["gdelt2"]["columns"]
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        wanted = list(feed_codes.roles("gdelt2").values())
        rows = dd.read_csv(str(path), sep="\t", header=None, names=names, usecols=wanted, dtype=str, quoting=3, blocksize="64MB")
        return monthly(feeds.counted(feeds.count(rows, "gdelt2", codes), codes)[0])


WAYS: dict[str, Callable[[Path, feed_codes.Crosswalk], pd.DataFrame]] = {"ours": ours, "sql": sql, "plain": plain, "framed": framed, "dask": dask}


def measured(way: str, path: Path) -> tuple[float, float, Path]:
    """Seconds of the counting and peak memory (megabytes) of a process of its own, and where it wrote its counts."""
    out = path.with_name(f"{way}-{path.stem}.csv")
    words = [sys.executable, "-W", "ignore", "-m", "tests.bench_feeds", way, str(path), str(out)]
    run = subprocess.run(words, capture_output=True, text=True, cwd=PROJECT_DATA.parent, check=False)
    if run.returncode:
        sys.stderr.write(run.stderr[-3000:])
        run.check_returncode()
    seconds, memory = json.loads(run.stdout.splitlines()[-1])
    return seconds, memory, out


def alone(way: str, path: Path, out: Path) -> None:
    """One measure, in its own process."""
    codes = feed_codes.crosswalk(load(PROJECT_DATA))
    start = time.perf_counter()
    table = WAYS[way](path, codes)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 2**20)
    table.sort_values(KEY)[[*KEY, "events", "mentions", "sources"]].to_csv(out, index=False)
    print(json.dumps([seconds, peak]))


def line(name: str, mine: float, other: float, unit: str) -> bool:
    """Prints one measure; True where it is within its limit."""
    ratio, limit = mine / other, LIMITS[name]
    verdict = "ok" if ratio <= limit else "over"
    print(f"{name:<10} ours {mine:9.2f} {unit:<2}  theirs {other:9.2f} {unit:<2}  ratio {ratio:6.2f}  limit {limit:5.2f}  {verdict}", flush=True)
    return ratio <= limit


def main() -> int:
    """All measures; 1 where one is over its limit or numbers differ."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        paths = [Path(name) / f"{size}.csv" for size in SIZES]
        for path, size in zip(paths, SIZES):
            generate(path, size)
        print(f"{SIZES[-1]:,} rows, {paths[-1].stat().st_size / 1e9:.1f} GB", flush=True)
        small, middle, large = ("ours", paths[0]), ("ours", paths[1]), ("ours", paths[2])
        by_hand, in_pandas = ("sql", paths[2]), ("plain", paths[2])
        rounds = [{one: measured(*one) for one in (small, middle, large, by_hand, in_pandas)} for _ in range(ROUNDS)]
        best = {one: min(each[one] for each in rounds) for one in rounds[0]}
        good = [line("sql", best[large][0], best[by_hand][0], "s"), line("pandas", best[large][0], best[in_pandas][0], "s"),
                line("memory", max(each[large][1] for each in rounds), min(each[in_pandas][1] for each in rounds), "MB"),
                line("growth 4", best[middle][0], best[small][0], "s"), line("growth 16", best[large][0], best[small][0], "s")]
        found = best[large][2]
        for way, out in (("sql", best[by_hand][2]), ("plain", best[in_pandas][2]), *((way, measured(way, paths[-1])[2]) for way in ("framed", "dask"))):
            same = out.read_bytes() == found.read_bytes()
            print(f"units      ours on DuckDB = {way}: {'ok' if same else 'they differ'}", flush=True)
            good.append(same)
        return 0 if all(good) else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        alone(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(main())
