"""What the benchmark harness reads and writes: workers over a pipe, results, docs, the picture."""

from __future__ import annotations

import json
import platform
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness import chart, docs, machine, table
from benchmarks.harness.bench import Bench
from benchmarks.harness.environment import EXISTING, PEERS, pinned
from benchmarks.harness.isolated import Isolated
from benchmarks.harness.measure import Outcome
from benchmarks.harness.peers import load
from benchmarks.harness.results import from_json, to_json
from benchmarks.rows import all_rows
from benchmarks_tools import ROWS, TINY, outcome_of, whole_report


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, TINY)


class TestProcessesOfTheirOwn:
    @pytest.fixture
    def start(self, bench: Bench) -> Iterator[Callable[[str], Isolated]]:
        started = []

        def make(adapter: str) -> Isolated:
            started.append(Isolated("it", adapter, sys.executable, bench, "asyncio"))
            return started[-1]

        yield make
        for peer in started:
            peer.close()

    @pytest.mark.parametrize("name", ["read_small", "lines", "chunks", "write_small"])
    async def test_they_run_the_same_cases_on_the_same_files(
        self, start: Callable[[str], Isolated], bench: Bench, name: str
    ) -> None:
        row = ROWS[name]
        outcome = await outcome_of(row, row.cases[0], start("to_thread"), bench, rounds=2)
        assert outcome.failure is None
        assert len(outcome.samples["time"]) == 2

    async def test_their_evidence_is_compared_here(
        self, start: Callable[[str], Isolated], bench: Bench
    ) -> None:
        row = ROWS["read_small"]
        case = replace(row.cases[0], expected=lambda bench: TINY.files * TINY.passes + 1)
        outcome = await outcome_of(row, case, start("to_thread"), bench)
        assert outcome.failure == "wrong result: 40 instead of 41"

    async def test_what_is_not_installed_is_said(self, start: Callable[[str], Isolated]) -> None:
        peer = start("no_such_peer")
        case = ROWS["read_small"].cases[0]
        assert "No module named 'benchmarks.peers.no_such_peer'" in (peer.lacks(case) or "")

    async def test_the_environment_must_say_that_now_is_off(
        self, start: Callable[[str], Isolated], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RAPFILES_NOW", "1")
        assert "RAPFILES_NOW=0 must be set" in (start("rapfiles_now_off").missing or "")

    async def test_an_ended_process_is_a_failure_not_a_hang(
        self, start: Callable[[str], Isolated], bench: Bench
    ) -> None:
        peer, row = start("sync"), ROWS["read_small"]
        peer.close()
        outcome = await outcome_of(row, row.cases[0], peer, bench)
        assert (outcome.failure or "").startswith("failed: ")


class TestReports:
    def test_json_comes_back_as_it_was(self, tmp_path: Path) -> None:
        report = whole_report(sync=0.0123456)
        report.results[0].outcomes["anyio"] = Outcome(absent="is not there")
        report.results[1].outcomes["anyio"] = Outcome(failure="wrong result")
        (tmp_path / "it.json").write_text(to_json(report), encoding="utf-8")
        again = from_json(tmp_path / "it.json", all_rows())
        assert to_json(again) == to_json(report)
        assert again.results[0].outcomes["anyio"].absent == "is not there"
        verdict = json.loads(to_json(report))["rows"]["read_small"]["cases"]["sequential"]["judged"]
        assert verdict[0] == {
            "kind": "must",
            "bound": "≤ 0.7 × sync",
            "measured": "0.08 × sync",
            "verdict": "met",
        }

    def test_docs_are_written_whole(self, tmp_path: Path) -> None:
        readme = tmp_path / "README.md"
        readme.write_text(f"before\n{docs.BEGIN}\nold\n{docs.END}\nafter\n", encoding="utf-8")
        docs.write(whole_report(), tmp_path)
        page = (tmp_path / "docs" / "benchmarks.md").read_text(encoding="utf-8")
        for row in all_rows():
            assert page.count(f"| `{row.name}` |") >= 2, row.name
        text = readme.read_text(encoding="utf-8")
        assert text.startswith("before\n")
        assert text.endswith("after\n")
        assert "old" not in text
        assert "| Read a 4 KiB file, µs | **1,000** |" in text
        picture = ElementTree.parse(tmp_path / "docs" / "assets" / "benchmarks.svg").getroot()
        words = {node.text for node in picture.iter("{http://www.w3.org/2000/svg}text")}
        titles = {case.title for row in all_rows() for case in row.cases if case.title}
        assert len(titles) >= 9
        assert titles <= words

    def test_a_run_of_one_row_replaces_that_row_only(self, tmp_path: Path) -> None:
        docs.write(whole_report(), tmp_path)
        later = whole_report(rapfiles=0.002)
        later.results = [result for result in later.results if result.row.name == "lines"]
        docs.write(later, tmp_path)
        data = tmp_path / "docs" / "assets" / "benchmarks.json"
        ours = {
            result.row.name: result.ours.medians for result in from_json(data, all_rows()).results
        }
        assert ours["lines"] == {"time": 0.002}
        assert ours["chunks"] == {"time": 0.001}
        assert list(ours) == list(ROWS)

    @pytest.mark.parametrize("change", [{"quick": True}, {"rounds": 4}])
    def test_drafts_are_not_for_the_docs(self, tmp_path: Path, change: dict[str, Any]) -> None:
        with pytest.raises(SystemExit, match="draft"):
            docs.write(replace(whole_report(), **change), tmp_path)
        assert not (tmp_path / "docs").exists()

    def test_failures_of_ours_are_not_for_the_docs(self, tmp_path: Path) -> None:
        report = whole_report()
        report.results[0].outcomes["rapfiles"] = Outcome(failure="wrong result")
        with pytest.raises(SystemExit, match="failures"):
            docs.write(report, tmp_path)
        assert not (tmp_path / "docs").exists()

    def test_rows_of_two_machines_are_not_mixed(self, tmp_path: Path) -> None:
        docs.write(whole_report(), tmp_path)
        later = whole_report()
        later.results, later.machine = later.results[:1], {**later.machine, "CPU": "Another"}
        with pytest.raises(ValueError, match="another machine"):
            docs.write(later, tmp_path)

    def test_a_picture_without_our_figures_is_still_one(self) -> None:
        report = whole_report()
        for result in report.results:
            result.outcomes[result.case.ours] = Outcome(absent="n/a")
        ElementTree.fromstring(chart.draw(report.results, "<&>"))

    def test_the_machine_has_no_name_and_no_paths(self, tmp_path: Path) -> None:
        about = machine.describe(tmp_path)
        assert set(about) == {"CPU", "cores", "kernel", "filesystem", "Python"}
        assert all(about.values())
        text = " ".join(about.values())
        assert platform.node() not in text
        assert str(Path.home()) not in text


class TestWords:
    @pytest.mark.parametrize(
        ("micros", "words"),
        [(0.0444, "0.044"), (0.5, "0.50"), (9.994, "9.99"), (9.996, "10.0"), (1234.5, "1,234")],
    )
    def test_figures_keep_what_means_something(self, micros: float, words: str) -> None:
        assert table.figure(micros / 1e6, "µs") == words

    @pytest.mark.parametrize(
        ("ratio", "words"),
        [(0.444, "0.44×"), (0.996, "1.0×"), (2.04, "2.0×"), (9.96, "10×"), (1935.2, "1,935×")],
    )
    def test_ratios(self, ratio: float, words: str) -> None:
        assert table.times(ratio) == words


class TestPins:
    def test_every_library_that_is_measured_is_pinned(self) -> None:
        assert set(pinned(PEERS)) >= {"aiofile", "aiofiles", "anyio", "obstore", "uvloop"}
        assert pinned(EXISTING)["rapfiles"] == "0.2.1"

    def test_another_version_is_not_measured(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("benchmarks.harness.peers.version_of", lambda name: "0.0.1")
        wanted = pinned(PEERS)["aiofiles"]
        assert load("aiofiles").missing == f"is installed as 0.0.1, not {wanted}"
