"""Loads landed files into bronze, once.

Snowflake remembers for 64 days which files it loaded, but a file that was
written again with other bytes would be loaded beside its older self. So a batch
is replaced as a whole in one transaction: whatever happened before, bronze
then holds the batch exactly once, and a reader never sees it half done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.settings import Target

if TYPE_CHECKING:
    from snowflake.connector.cursor import SnowflakeCursor


def replace_batch(cursor: SnowflakeCursor, target: Target, batch: str, folder: str) -> int:
    """Replace a batch by the files in a folder of the stage; returns the number of rows loaded."""
    cursor.execute("BEGIN")
    try:
        cursor.execute(f"DELETE FROM {target.flights_table} WHERE BATCH = %(batch)s", {"batch": batch})
        cursor.execute(render_copy(target, folder))
        loaded = sum(int(row[3]) for row in cursor.fetchall())
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")
    return loaded


def render_copy(target: Target, folder: str) -> str:
    """The statement that loads a folder of the stage.

    FORCE loads files that were loaded before: the transaction has just deleted their rows.
    """
    return (
        f"COPY INTO {target.flights_table}\n"
        f"FROM @{target.stage}/{folder}\n"
        f"FILE_FORMAT = (FORMAT_NAME = '{target.file_format}')\n"
        "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE\n"
        "FORCE = TRUE"
    )
