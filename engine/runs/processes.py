"""Whether a process lives, and why it died, as far as an operating system tells."""

import os
import socket
from pathlib import Path

HOST = socket.gethostname()


def born(pid: int) -> str:
    """When a process began, as a mark that tells it from a later one of the same number; empty where unknown."""
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else ""


def lives(pid: int, mark: str) -> bool:
    """Whether the process of this number and birth is still there; one that only waits to be collected is not."""
    fields = _stat(pid)
    if fields:
        return fields[0] not in ("Z", "X") and (not mark or fields[19] == mark)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not Path("/proc/self/stat").exists()


def out_of_memory_kills() -> int:
    """How many processes the kernel has killed for memory, here and in this container, since it started."""
    total = 0
    for path in ("/proc/vmstat", "/sys/fs/cgroup/memory.events"):
        try:
            lines = Path(path).read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return total


def _stat(pid: int) -> list[str]:
    """Fields of /proc/pid/stat after the name: state first, start time at 19."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
