"""How many threads to train with: as many as there are cores that nobody else is using."""

from __future__ import annotations

import os
import time


class FreeCores:
    """
    Threads that share a small model's layers wait for each other thousands of times a step. Where another process takes a
    core, that makes two threads many times slower than one (measured on two cores: 15 tokens/s against 140).
    """

    def __init__(self) -> None:
        self.cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.last = self.sample()
        self.threads = 1  # until there is something to judge by

    def sample(self) -> tuple[float, float, float] | None:
        """Seconds: now, processor time of the whole machine, and of this process. None where /proc does not tell."""
        try:
            with open("/proc/stat", encoding="ascii") as file:
                user, nice, system, _idle, _iowait, irq, softirq = map(int, file.readline().split()[1:8])
        except (OSError, ValueError):
            return None
        return time.monotonic(), (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK"), time.process_time()

    def now(self) -> int:
        """Judged by what others used since the last answer; the same answer again where less than two seconds passed."""
        sample = self.sample()
        if sample is None or self.last is None or sample[0] - self.last[0] < 2:
            return self.threads
        passed = sample[0] - self.last[0]
        others = max(0.0, (sample[1] - self.last[1]) - (sample[2] - self.last[2])) / passed
        self.last = sample
        self.threads = max(1, self.cores - round(others))
        return self.threads
