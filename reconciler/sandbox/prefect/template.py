"""Makes the database that every Prefect server of the sandbox starts from: migrated, blocks registered.

Run as `python -m reconciler.sandbox.prefect.template FILE` in a process of its
own. Migrations and registration cost about 15 s, a copy of the result nothing.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path


async def _fill() -> None:
    # Prefect reads PREFECT_HOME once, when it is first imported.
    from prefect.server.database import provide_database_interface
    from prefect.server.models.block_registration import run_block_auto_registration

    database = provide_database_interface()
    await database.create_db()
    async with await database.session() as session:
        await run_block_auto_registration(session=session)
        await session.commit()
    await (await database.engine()).dispose()


def main(file: Path) -> None:
    """Write the template to `file`, which appears whole or not at all."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["PREFECT_HOME"] = home
        asyncio.run(_fill())
        partial = file.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(Path(home) / "prefect.db")) as connection:
            connection.execute("VACUUM INTO ?", (str(partial),))
        partial.replace(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
