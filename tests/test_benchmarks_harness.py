"""The benchmark harness: a wrong result never counts, medians are medians, a missed must fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.harness import drive, table
from benchmarks.harness.bench import Bench
from benchmarks.harness.bounds import Bound, Verdict, at_most, faster, within
from benchmarks.harness.case import Case, Row, Sample
from benchmarks.harness.measure import CaseResult, Outcome, measure
from benchmarks.harness.peers import Local, Operations, Peer
from benchmarks.harness.results import Report, to_json
from benchmarks.rows import all_rows
from benchmarks_tools import RIGHT, ROOT, ROWS, TINY, blocking, outcome_of, whole_report

# An empty operation has no result that could be wrong.
CHECKED = [
    pytest.param(row, case, id=f"{row.name}-{case.name}")
    for row in all_rows()
    for case in row.cases
    if row.name != "bridge"
]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, TINY)


# What a peer could do wrong, operation by operation: each gives a slightly wrong answer.
def _last_byte_changed(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def _wrong_chunks(path: str, size: int, keep: Callable[[bytes], Any] | None = None) -> Any:
    keep_wrong = keep and (lambda chunk: keep(_last_byte_changed(chunk)))
    return RIGHT["read_chunks"](path, size, keep_wrong)


WRONG: dict[str, Callable[..., Any]] = {
    "read_file": lambda path: _last_byte_changed(RIGHT["read_file"](path)),
    "open_read": lambda path: _last_byte_changed(RIGHT["open_read"](path)),
    "write_file": lambda path, data: RIGHT["write_file"](path, _last_byte_changed(data)),
    "size_of": lambda found: found.st_size + 1,
    "exists": lambda path: True,
    "read_chunks": _wrong_chunks,
    "count_lines": lambda path: (RIGHT["count_lines"](path)[0] - 1, RIGHT["count_lines"](path)[1]),
    "list_lines": lambda path: [line.rstrip() for line in RIGHT["list_lines"](path)],
    "write_pieces": lambda path, piece, count: RIGHT["write_pieces"](path, piece, count - 1),
    "count_tree": lambda root: RIGHT["count_tree"](root) + 1,
    "walk_growth": lambda root: (
        RIGHT["walk_growth"](root)[0] - 1,
        *RIGHT["walk_growth"](root)[1:],
    ),
    "walk_tree": lambda root: (RIGHT["walk_tree"](root)[0] - 1, RIGHT["walk_tree"](root)[1]),
    "first_path": lambda root: root,
    "find": lambda *given: RIGHT["find"](*given)[1:],
    "search": lambda regex, root: (RIGHT["search"](regex, root)[0] + 1, 0),
    "glob": lambda pattern: RIGHT["glob"](pattern)[1:],
    "copy_tree": lambda source, target: (
        RIGHT["copy_tree"](source, target),
        Path(target, "0/0.txt").write_text(""),
    ),
    "imports": lambda: "sys",
    "respond": lambda path, seconds: replace(RIGHT["respond"](path, seconds), answer="other"),
}
UNSEEN = {"stat"}  # its result is looked at through size_of


class TestEveryResultIsChecked:
    @pytest.mark.parametrize(("row", "case"), CHECKED)
    async def test_right_results_count(self, row: Row, case: Case, bench: Bench) -> None:
        outcome = await outcome_of(row, case, blocking("it"), bench)
        assert outcome.failure is None
        assert set(outcome.medians) == set(case.metrics)
        assert all(value > 0 for value in outcome.medians.values())

    @pytest.mark.parametrize(("row", "case"), CHECKED)
    async def test_each_operation_that_lies_is_found_out(
        self, row: Row, case: Case, bench: Bench
    ) -> None:
        for name in set(case.needs) - UNSEEN:
            outcome = await outcome_of(row, case, blocking("it", **{name: WRONG[name]}), bench)
            assert (outcome.failure or "").startswith("wrong result"), name
            assert outcome.medians == {}, name

    async def test_one_wrong_answer_in_the_last_round_is_enough(self, bench: Bench) -> None:
        calls, rounds = 0, 3
        last = TINY.files * TINY.passes * (rounds + 1)

        async def read(path: str) -> bytes:
            nonlocal calls
            calls += 1
            data: bytes = RIGHT["read_file"](path)
            return _last_byte_changed(data) if calls == last else data

        row, peer = ROWS["read_conc"], Local("it", Operations({"read_file": read}))
        outcome = await outcome_of(row, row.cases[0], peer, bench, rounds)
        assert calls == last
        assert (outcome.failure or "").startswith("wrong result")
        assert outcome.medians == {}

    async def test_what_was_answered_now_is_no_offloaded_read(self, bench: Bench) -> None:
        counts = iter([7, 7, 7, 8])
        row, peer = ROWS["offload"], blocking("it", answered_now=lambda: next(counts))
        outcome = await outcome_of(row, row.cases[0], peer, bench)
        assert outcome.failure == "wrong result: 39 instead of 40"

    async def test_an_exception_is_shown_and_the_others_go_on(self, bench: Bench) -> None:
        row = ROWS["read_small"]
        peers: dict[str, Peer] = {
            "rapfiles": blocking("rapfiles"),
            "aiofiles": blocking("aiofiles", read_file=lambda path: open(path + ".gone")),
        }
        result = await measure(row, row.cases[0], peers, bench, 1)
        assert (result.outcomes["aiofiles"].failure or "").startswith("failed: FileNotFoundError")
        assert result.ours.medians["time"] > 0

    async def test_an_operation_not_there_is_said(self, bench: Bench) -> None:
        row = ROWS["lines"]
        peer = Local("it", Operations({"count_lines": RIGHT["count_lines"]}, blocking=True))
        outcome = await outcome_of(row, row.cases[0], peer, bench)
        assert outcome.absent == "has no list_lines"
        assert "it: has no list_lines (lines)" in table.notes_on(
            [CaseResult(row, row.cases[0], {"it": outcome})]
        )


class Scripted:
    """A peer whose samples are known before; it writes down when it was its turn."""

    version = "1"
    missing: str | None = None

    def __init__(self, name: str, seconds: list[float], turns: list[str]) -> None:
        self.name, self._seconds, self._turns = name, iter(seconds), turns

    def lacks(self, case: Case) -> str | None:
        return None

    async def check(self, row: Row, case: Case, bench: Bench) -> bool:
        return True

    async def sample(self, row: Row, case: Case, bench: Bench) -> Sample:
        self._turns.append(self.name)
        return Sample({"time": next(self._seconds)}, case.expected(bench))

    def close(self) -> None:
        """Nothing is held."""


class TestRounds:
    async def test_median_of_the_rounds_without_the_first(self, bench: Bench) -> None:
        turns: list[str] = []
        row = ROWS["read_small"]
        case = replace(row.cases[0], peers=("sync", "aiofiles"))
        peers: dict[str, Peer] = {
            "sync": Scripted("sync", [9, 2, 2, 8, 2, 2], turns),
            "aiofiles": Scripted("aiofiles", [1, 50, 40, 60, 30, 70], turns),
            "rapfiles": Scripted("rapfiles", [100, 3, 1, 2, 9, 1], turns),
        }
        result = await measure(row, case, peers, bench, 5)
        assert result.medians == {
            "rapfiles": {"time": 2},
            "sync": {"time": 2},
            "aiofiles": {"time": 50},
        }
        assert turns == ["rapfiles", "sync", "aiofiles"] * 6

    async def test_who_is_very_slow_is_asked_once(self, bench: Bench) -> None:
        turns: list[str] = []
        row = ROWS["read_small"]
        case = replace(row.cases[0], peers=("sync", "obstore"))
        peers: dict[str, Peer] = {
            name: Scripted(name, [4, 5, 6, 7], turns) for name in ("rapfiles", "sync", "obstore")
        }
        result = await measure(row, case, peers, bench, 3, patience=0)
        assert turns == ["rapfiles", "sync", "obstore", *["rapfiles", "sync"] * 3]
        assert [medians["time"] for medians in result.medians.values()] == [6, 6, 4]
        assert "obstore: measured once only" in table.notes_on([result])[0]

    async def test_work_is_shared_out_to_tasks_that_overlap(self) -> None:
        inside, most, seen = 0, 0, []

        async def call(number: int) -> int:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            seen.append(number)
            await asyncio.sleep(0)
            inside -= 1
            return number

        jobs = [(number, number) for number in range(23)]
        _, right = await drive.spread(False, call, jobs, tasks=5, passes=2)
        assert right == 46
        assert sorted(seen) == sorted([*range(23)] * 2)
        assert most == 5

    async def test_a_blocked_loop_shows_as_its_gap(self) -> None:
        async with drive.watched() as ticks:
            time.sleep(0.05)
        assert ticks.longest >= 0.05

    async def test_a_block_between_ticks_shows_as_well(self) -> None:
        async with drive.watched() as ticks:
            await asyncio.sleep(0.005)
            time.sleep(0.05)
            await asyncio.sleep(0.005)
        assert ticks.longest >= 0.05


class TestBounds:
    MEDIANS = {  # noqa: RUF012
        "rapfiles": {"time": 3e-6, "gap": 0.003},
        "sync": {"time": 6e-6},
        "aiofiles": {"time": 120e-6, "gap": 0.002},
    }

    @pytest.mark.parametrize(
        ("bound", "words", "measured", "verdict"),
        [
            (at_most(0.5, "sync"), "≤ 0.5 × sync", "0.50 × sync", Verdict.MET),
            (at_most(0.49, "sync"), "≤ 0.49 × sync", "0.50 × sync", Verdict.MISSED),
            (faster(39, "aiofiles"), "≥ 39 × faster than aiofiles", "40.0 × faster", Verdict.MET),
            (
                faster(41, "aiofiles"),
                "≥ 41 × faster than aiofiles",
                "40.0 × faster",
                Verdict.MISSED,
            ),
            (within(0.003), "gap ≤ 3 ms", "3.00 ms", Verdict.MET),
            (within(0.002), "gap ≤ 2 ms", "3.00 ms", Verdict.MISSED),
            (
                at_most(1, "aiofiles", "gap"),
                "gap ≤ 1 × aiofiles",
                "1.50 × aiofiles",
                Verdict.MISSED,
            ),
            (at_most(1, "anyio"), "≤ 1 × anyio", "no result of anyio", Verdict.UNJUDGED),
        ],
    )
    def test_judged(self, bound: Bound, words: str, measured: str, verdict: Verdict) -> None:
        assert str(bound) == words
        assert bound.measured("rapfiles", self.MEDIANS) == measured
        assert bound.judge("rapfiles", self.MEDIANS) is verdict

    def test_without_a_result_of_ours_nothing_is_judged(self) -> None:
        for bound in (at_most(1, "sync"), within(1)):
            assert bound.judge("rapfiles", {"sync": {"time": 1.0}}) is Verdict.UNJUDGED

    def test_the_specified_musts_are_there(self) -> None:
        musts = {
            f"{row.name}, {case.name}": [str(must) for must in case.musts]
            for row in all_rows()
            for case in row.cases
        }
        assert musts["read_small, sequential"] == ["≤ 0.7 × sync", "≥ 20 × faster than aiofiles"]
        assert musts["stat_small, exists"] == ["≤ 2 × sync", "≥ 12 × faster than aiofiles"]
        assert musts["offload, 100 tasks"] == ["≤ 0.4 × to_thread"]
        assert musts["big_read, whole file"] == ["≤ 1.1 × sync", "gap ≤ 2 ms"]
        assert musts["lines, per line"] == ["≤ 4 × sync", "≥ 150 × faster than aiofiles"]
        assert musts["loop_gap, read, write"] == ["gap ≤ 5 ms", "gap ≤ 1 × aiofiles"]
        assert musts["import_time, import"] == ["≤ 1.3 × sync"]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The command line over a report: its exit code, and what it printed to standard error."""

    def command(report: Report, *options: str) -> tuple[int, str]:
        source = tmp_path / "report.json"
        source.write_text(to_json(report), encoding="utf-8")
        status = main(["--from", str(source), *options])
        return status, capsys.readouterr().err

    return command


class TestEnforce:
    def test_all_met(self, run: Callable[..., Any]) -> None:
        assert run(whole_report(), "--enforce") == (0, "")

    def test_a_missed_must_is_reported_and_fails(self, run: Callable[..., Any]) -> None:
        report = whole_report(aiofiles=0.01)
        status, errors = run(report, "--enforce")
        assert status == 1
        assert (
            "read_small, sequential: must ≥ 20 × faster than aiofiles, "
            "measured 10.0 × faster: missed" in errors.splitlines()
        )
        assert "≥ 8 × faster" not in errors
        shown = table.render(report)
        line = next(line for line in shown.splitlines() if "≥ 20 × faster" in line)
        assert line.split()[0] == "read_small"
        assert line.endswith("MISSED")

    def test_without_enforce_it_is_only_shown(self, run: Callable[..., Any]) -> None:
        assert run(whole_report(aiofiles=0.01)) == (0, "")

    def test_a_missed_aim_fails_nothing(self, run: Callable[..., Any]) -> None:
        report = whole_report(sync=0.001 / 0.6)
        aims = [one for result in report.results for one in result.judged() if one.kind == "aim"]
        assert any(one.verdict is Verdict.MISSED for one in aims)
        assert run(report, "--row", "read_small", "--enforce")[0] == 0

    def test_what_cannot_be_judged_fails(self, run: Callable[..., Any]) -> None:
        report = whole_report()
        for result in report.results:
            result.outcomes["aiofiles"] = Outcome(absent="not available")
        status, errors = run(report, "--row", "read_small", "--enforce")
        assert status == 1
        assert errors.splitlines() == [
            "read_small, sequential: must ≥ 20 × faster than aiofiles, "
            "measured no result of aiofiles: not judged"
        ]

    def test_rows_without_results_fail(self, run: Callable[..., Any]) -> None:
        report = whole_report()
        report.results = [result for result in report.results if result.row.name != "chunks"]
        assert run(report, "--enforce") == (1, "chunks: no results\n")

    def test_only_optional_operations_may_be_missing(self, run: Callable[..., Any]) -> None:
        report = whole_report()
        for result in report.results:
            if result.case.optional:
                result.outcomes[result.case.ours] = Outcome(absent="has no count_tree")
        assert run(report, "--enforce") == (0, "")
        assert "n/a yet" in table.render(report)
        for result in report.results:
            result.outcomes[result.case.ours] = Outcome(absent="has no such thing")
        assert run(report, "--enforce")[0] == 1

    def test_a_wrong_result_of_ours_fails_even_without_enforce(
        self, run: Callable[..., Any]
    ) -> None:
        report = whole_report()
        report.results[0].outcomes["rapfiles"] = Outcome({"time": [1.0]}, None, "wrong result: 1")
        assert run(report) == (1, "read_small, sequential: wrong result: 1\n")

    def test_the_command_itself_exits_with_it(self, tmp_path: Path) -> None:
        source = tmp_path / "report.json"
        source.write_text(to_json(whole_report(sync=0.0001)), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks", "--from", str(source)]
        codes = [
            subprocess.run([*command, *more], cwd=ROOT, capture_output=True, timeout=60).returncode
            for more in ([], ["--enforce"])
        ]
        assert codes == [0, 1]

    def test_an_unknown_row_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            main(["--row", "read_smal"])
        assert "no such row: read_smal" in capsys.readouterr().err
