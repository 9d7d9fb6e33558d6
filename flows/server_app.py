"""What the local server runs: Prefect's application, with writers of its SQLite that wait for their turn.

Prefect begins most transactions DEFERRED. One that has read, and writes after another one has written, is refused at
once: the caller gets 503, and an event of the server's own is dropped after four tries in a row (Prefect 3.8.8:
``AioSqliteConfiguration.begin_transaction``, ``custom_internal_exception_handler``). Worse, what such an exception
kept alive is freed in the event loop's thread while the same connection waits for the write lock in another: the loop
waits with it, so nobody can commit, and the server stands still until SQLite gives up after 60 s. Begun IMMEDIATE, as
Prefect itself begins what it locks for update, a transaction waits instead. Measured on two cores with six clients
that write for 25 s: 13 to 343 writes, 6 to 58 refusals and a standstill of 60 s each time before; 1,398 to 1,710 writes
and neither after (decision 9).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from prefect.server.api import server
from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.server.database.dependencies import set_database_config
from prefect.server.utilities.database import get_dialect
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

if TYPE_CHECKING:
    from fastapi import FastAPI
    from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction


class TakingTurns(AioSqliteConfiguration):
    """SQLite, each transaction of which has the right to write from its beginning."""

    @asynccontextmanager
    async def begin_transaction(
        self, session: AsyncSession, with_for_update: bool = True
    ) -> AsyncGenerator[AsyncSessionTransaction, None]:
        async with super().begin_transaction(session, with_for_update=True) as transaction:
            yield transaction


def create_app() -> FastAPI:
    """Prefect's application on the database of the settings."""
    url = PREFECT_API_DATABASE_CONNECTION_URL.value()
    if get_dialect(url).name == "sqlite":
        set_database_config(TakingTurns(connection_url=url))
    return server.create_app()
