"""The time of the database: the one clock that workers on several hosts share."""

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class now(FunctionElement[float]):
    """Seconds since 1970 (UTC) by the database's clock, as an SQL expression.

    Examples
    --------
    >>> str(now())
    "(julianday('now') - 2440587.5) * 86400.0"
    """

    type = Float()
    inherit_cache = True


@compiles(now)
def _sqlite(element: now, compiler: Any, **options: Any) -> str:
    return "(julianday('now') - 2440587.5) * 86400.0"


@compiles(now, "postgresql")
def _postgresql(element: now, compiler: Any, **options: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"
