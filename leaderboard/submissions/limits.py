"""Limits: how large what a submitter sends may be before anything of it is read."""

from typing import Final

JSON_BYTES: Final = 10 * 10**6
JSON_DEPTH: Final = 16
PARQUET_BYTES: Final = 500 * 10**6
UNPACKED_BYTES: Final = 2 * 10**9
"""What the columns of a parquet file may come to, as its footer says and as they are read."""
ROWS: Final = 2 * 10**6
"""Of one table, and so samples of a split."""
TEXT: Final = 10**6
"""Characters of one text."""
FILES: Final = 2000
"""In a submission."""
BATCH: Final = 4096
"""Rows that are read at a time."""
