"""Errors as people can read them: what happened, where, what to do. A traceback goes to the server's log only."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from engine.core.errors import InputError
from pages.parts.app.formatting import sentence

_log = logging.getLogger("constella.pages")


@contextmanager
def plain_words() -> Iterator[None]:
    """Show whatever goes wrong inside as a sentence; ours get a code under which the log has the details."""
    try:
        yield
    except InputError as fault:
        st.error(sentence(str(fault)), icon=":material/error:")
    except Exception:
        code = secrets.token_hex(3)
        _log.exception("page failed, code %s", code)
        st.error(
            "Something went wrong on our side; your data and finished results are safe. Reload the page; if it happens "
            f"again, give the code **{code}** to whoever runs this server.",
            icon=":material/report:",
        )
