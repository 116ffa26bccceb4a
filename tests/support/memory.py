"""Where tests write: in memory where there is room, else on the disk. A database is copied ten times as fast there."""

import shutil
from pathlib import Path

MEMORY, DISK = Path("/dev/shm"), Path("/tmp")
ROOM_NEEDED = 2 * 1024**3


def fast_folder() -> Path:
    """Return the folder for what no test has to find again; a container may have next to no memory there."""
    fits = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_NEEDED
    return MEMORY if fits else DISK
