"""The commands: `python -m helpers html | check | format | new | convert | compare | lab | codebook | feed`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from helpers.schema import PROJECT_DATA


def html(arguments: argparse.Namespace) -> int:
    """Builds the pages; prints the index and the headline."""
    from tqdm import tqdm

    from helpers.build import HEADLINE, BuildError, build
    from helpers.machine_coded import CountsError
    from helpers.runs import PageError
    with tqdm(desc="pages", unit="page", disable=not sys.stderr.isatty()) as bar:
        def done(file: str, total: int) -> None:
            """One page of `total` is there."""
            bar.total = total
            bar.update()

        try:
            built = build(arguments.data, arguments.out, compress=bool(os.environ.get("COMPRESS")), done=done, feed=arguments.feed)
        except (BuildError, PageError, CountsError) as error:
            bar.close()
            return failed(str(error))
    for finding in {item["id"]: item for item in built.findings if item["id"] in HEADLINE}.values():
        print(finding["text"])
    print(built.index)
    return 0


def failed(text: str) -> int:
    """Prints an error, says that the last pages stand, and gives the exit status."""
    print(f"{text}\nNothing was written.", file=sys.stderr)
    return 1


def check(arguments: argparse.Namespace) -> int:
    """Prints every error of a ledger, or how large it is."""
    from helpers.ledger import LedgerError, read
    tables, _, notices, problems = read(arguments.data)
    for notice in notices:
        print(notice)
    if problems:
        raise LedgerError(problems)
    print(" · ".join(f"{name} {len(raw.rows):,}" for name, raw in tables.items() if raw.rows) or "an empty ledger")
    return 0


def format_(arguments: argparse.Namespace) -> int:
    """Writes every table of a sound ledger in its canonical form."""
    from helpers.exchange import canonise
    for name in canonise(arguments.data):
        print(f"formatted {name}")
    return 0


def new(arguments: argparse.Namespace) -> int:
    """Writes an empty ledger, to be filled in: a folder of CSV tables, or a workbook where the name ends in .xlsx."""
    from helpers.exchange import new as start
    print(start(arguments.data))
    return 0


def convert(arguments: argparse.Namespace) -> int:
    """Writes a ledger as a workbook (--out my.xlsx) or as a folder of CSV tables."""
    from helpers.exchange import convert as write
    print(write(arguments.data, arguments.out))
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """Says what changed since another ledger (--old), and writes compare.html."""
    from helpers.build import BuildError
    from helpers.compare_page import write
    if str(arguments.old) in ("", "."):
        return failed("Name the ledger to compare with: make compare OLD=path DATA=path")
    try:
        summary, page = write(arguments.old, arguments.data, arguments.out)
    except BuildError as error:
        return failed(str(error))
    print(f"{summary}\n{page}")
    return 0


def codebook(arguments: argparse.Namespace) -> int:
    """Writes CODEBOOK.md from the ledger's vocabulary and the rules of coding."""
    from helpers.codebook import CODEBOOK, codebook as text
    from helpers.ledger import load
    CODEBOOK.write_bytes(text(load(arguments.data)).encode())
    print(CODEBOOK)
    return 0


def feed(arguments: argparse.Namespace) -> int:
    """Counts a machine-coded feed for page 07. Needs the packages of requirements-feeds.txt."""
    from tqdm import tqdm

    from helpers.ledger import load
    try:
        from helpers import feed_codes, feed_files
    except ModuleNotFoundError as error:
        return failed(f"the command feed needs the package {error.name}. Install the optional ones: pip install -r requirements-feeds.txt")
    with tqdm(desc="feed", unit="B", unit_scale=True, disable=not sys.stderr.isatty()) as bar:
        def started(size: int) -> feed_files.Tell:
            """The feed has `size` bytes; what is read from now on moves the bar."""
            bar.total = size
            return bar.update

        try:
            walk = feed_codes.crosswalk(load(arguments.data), arguments.talk)
            table, report = feed_files.count_files(arguments.paths, arguments.format, walk, arguments.place, started)
        except feed_codes.FeedError as error:
            bar.close()
            return failed(str(error))
    print("\n".join(feed_files.summary(report)))
    for path in feed_files.write(table, report, arguments.out):
        print(path)
    return 0


def lab(arguments: argparse.Namespace) -> int:
    """Opens JupyterLab on the notebooks with that ledger."""
    feed_path = str(arguments.feed.resolve()) if arguments.feed else ""
    environment = {**os.environ, "SAHEL_SHIFT_DATA": str(arguments.data.resolve()), "SAHEL_SHIFT_FEED": feed_path}
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(PROJECT_DATA.parent / "notebooks")], env=environment)


def _path(text: str) -> Path | None:
    """A path, or none where an empty one is given (make passes what it was not told)."""
    return Path(text) if text else None


def parsed(words: list[str] | None) -> argparse.Namespace:
    """The command line; `run` is the command."""
    parser = argparse.ArgumentParser(prog="python -m helpers", description="Sahel Shift: build and check ledgers of cooperation events.")
    commands = parser.add_subparsers(required=True)
    for name, run in (("html", html), ("check", check), ("format", format_), ("new", new), ("convert", convert), ("compare", compare), ("lab", lab), ("codebook", codebook),
                      ("feed", feed)):
        command = commands.add_parser(name, help=(run.__doc__ or "").split(".")[0])
        command.add_argument("--data", type=Path, default=PROJECT_DATA, help="folder of the ledger's tables, or .xlsx workbook (default: the project's)")
        if name == "compare":
            command.add_argument("--old", type=Path, required=True, help="the ledger before: folder or .xlsx workbook")
        if name in ("html", "compare"):
            command.add_argument("--out", type=Path, default=Path("html"), help="folder for the pages (default: html)")
        if name in ("html", "lab"):
            command.add_argument("--feed", type=_path, default=os.environ.get("SAHEL_SHIFT_FEED") or None,
                                 help="counts of a machine-coded feed (the command feed writes them)")
        if name == "feed":
            command.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="files of the feed, or folders that hold them (.csv, .zip, .gz, .parquet)")
            command.add_argument("--format", default="gdelt2", help="gdelt1 or gdelt2 (default)")
            command.add_argument("--out", type=Path, default=Path("counts.csv"), help="file for the counts; those by day and the report go beside it")
            command.add_argument("--talk", action="store_true", help="count agreements and visits too")
            command.add_argument("--place", action="store_true", help="take an actor without a code for the country in which the act took place")
        if name == "convert":
            command.add_argument("--out", type=Path, required=True, help="workbook (.xlsx) or new folder to write")
        command.set_defaults(run=run)
    return parser.parse_args(words)


def done(arguments: argparse.Namespace) -> int:
    """Runs a command; what the data or the disk are at fault for is said in words."""
    from helpers.exchange import ExchangeError
    from helpers.ledger import LedgerError
    from helpers.workbook import WorkbookError
    try:
        return arguments.run(arguments)
    except LedgerError as error:
        return failed(str(error)) if arguments.run is html else (print(error, file=sys.stderr), 1)[1]
    except (ExchangeError, WorkbookError) as error:
        return failed(str(error))


def main(words: list[str] | None = None) -> int:
    """Parses the command line and runs one command. Exit status 0, 1 (the data or the build are at fault), 130 (interrupted)."""
    arguments = parsed(words)
    try:
        return done(arguments)
    except KeyboardInterrupt:  # also while the libraries load: so they are imported where they are needed
        print("\nInterrupted; the last pages stand.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
