import math
import os
from pathlib import Path

import linnet
import pytest
from commands import Run
from linnet.inference.cpu import MOST_THREADS, VARIABLE, available_cpus, cpu_quota, thread_count


def tree(root: Path, membership: str, **files: str) -> Path:
    """A file system that has what the kernel says of the control groups."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(membership)
    for name, content in files.items():
        file = root / "sys/fs/cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return root


V1 = "4:cpu,cpuacct:{group}\n1:name=systemd:/\n"


@pytest.mark.parametrize(
    ("membership", "files", "quota"),
    [
        ("0::/a/b\n", {"a/b/cpu.max": "150000 100000\n"}, 1.5),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n"}, math.inf),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "50000 100000\n"}, 0.5),
        ("0::/a/b\n", {"a/b/cpu.max": "200000 100000\n", "a/cpu.max": "300000 100000\n"}, 2),
        ("0::/a/b\n", {"a/b/cpu.max": "200000 100000\n", "cpu.max": "100000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "75000 50000\n"}, 1.5),
        ("0::/\n", {}, math.inf),
        ("0::/../../outer\n", {"cpu.max": "100000 100000\n"}, 1),
        ("0::/a\n", {"a/cpu.max": "no numbers\n"}, math.inf),
        ("0::/a\n", {"a/cpu.max": "0 0\n"}, math.inf),
        (V1.format(group="/a"), {"cpu/a/cpu.cfs_quota_us": "250000\n", "cpu/a/cpu.cfs_period_us": "100000\n"}, 2.5),
        (V1.format(group="/a"), {"cpu/a/cpu.cfs_quota_us": "-1\n", "cpu/a/cpu.cfs_period_us": "100000\n"}, math.inf),
        # The path is the host's, and what is mounted is the container's own.
        (V1.format(group="/docker/1"), {"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 0.5),
        (
            V1.format(group="/a/b"),
            {
                "cpu,cpuacct/a/b/cpu.cfs_quota_us": "400000\n",
                "cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n",
                "cpu,cpuacct/a/cpu.cfs_quota_us": "150000\n",
                "cpu,cpuacct/a/cpu.cfs_period_us": "50000\n",
            },
            3,
        ),
        # Both versions, where the second has another controller.
        (
            "0::/a\n" + V1.format(group="/b"),
            {"unified/a/cpu.max": "1 1", "cpu/b/cpu.cfs_quota_us": "20000", "cpu/b/cpu.cfs_period_us": "10000"},
            2,
        ),
        ("3:memory:/a\n", {"cpu/a/cpu.cfs_quota_us": "1", "cpu/a/cpu.cfs_period_us": "1"}, math.inf),
        ("4:cpu:/a:b\n", {"cpu/a:b/cpu.cfs_quota_us": "1", "cpu/a:b/cpu.cfs_period_us": "1"}, 1),
    ],
)
def test_the_quota_is_the_least_of_the_groups(
    tmp_path: Path, membership: str, files: dict[str, str], quota: float
) -> None:
    assert cpu_quota(tree(tmp_path, membership, **files)) == quota


def test_without_control_groups_there_is_no_quota(tmp_path: Path) -> None:
    assert cpu_quota(tmp_path) == math.inf


@pytest.mark.parametrize(
    ("allowed", "quota", "expected"), [(8, 150, 2), (8, 20, 1), (8, 400, 4), (2, 400, 2), (3, 0, 3)]
)
def test_processors_are_those_it_may_run_on_and_has_the_time_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int, quota: int, expected: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(allowed)), raising=False)
    assert available_cpus(tree(tmp_path, "0::/a\n", **{"a/cpu.max": f"{quota} 100\n"})) == expected


def test_without_affinity_it_is_the_machines_processors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert available_cpus(tmp_path) == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available_cpus(tmp_path) == 1


def test_threads_are_what_the_caller_says_then_the_variable_then_the_processors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert thread_count() == available_cpus()
    assert thread_count(3) == 3
    monkeypatch.setenv(VARIABLE, "7")
    assert (thread_count(), thread_count(3)) == (7, 3)
    monkeypatch.setenv(VARIABLE, "")
    assert thread_count() == available_cpus()


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5", "513", "9" * 5000])
def test_a_variable_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, run: Run, said: str) -> None:
    monkeypatch.setenv(VARIABLE, said)
    expected = f"{VARIABLE} to be a whole number of at least 1 and at most {MOST_THREADS}, found '{said}'"
    with pytest.raises(linnet.InputError, match=expected):
        linnet.load()
    result = run("classify", "a text")
    assert (result.status, result.out) == (2, "")
    assert VARIABLE in result.err


@pytest.mark.parametrize("threads", [0, -1, MOST_THREADS + 1, 99_999_999, True, 1.5, "2"])
def test_a_number_of_threads_that_makes_no_sense_is_refused(threads: int) -> None:
    with pytest.raises(ValueError, match=f"at least 1 and at most {MOST_THREADS}, found {threads!r}"):
        thread_count(threads)


def test_no_machine_has_more_threads_than_a_model_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("linnet.inference.cpu.available_cpus", lambda: 1024)
    assert thread_count() == thread_count(MOST_THREADS) == MOST_THREADS
