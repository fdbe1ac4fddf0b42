"""How a file was read where it leaves that open, and the way to have it read otherwise."""

from collections.abc import Mapping, Sequence

import streamlit as st

from engine.core.errors import InputError
from engine.intake import Raw, ReadOptions, open_options
from engine.runs import Workspace
from engine.runs.db.records import DatasetRecord, FailedImport
from pages.parts.app import current, dialogs, error_boundary, formatting

_TITLES = {
    "sheet": "Sheet or table",
    "header": "Row with the names of the columns",
    "rows": "Rows of the table, first and last",
    "transpose": "Turn rows into columns",
    "encoding": "Encoding",
    "delimiter": "Character between cells",
    "decimal": "Decimal sign",
    "day_first": "Dates begin with",
    "axes": "Axes of the array",
    "kind": "What it holds",
}
_HELP = {
    "sheet": "A workbook, a database or a web page holds several tables; one of them is read.",
    "header": "Counted from 1 as in a spreadsheet; 0 where there are no names.",
    "rows": "Such as 4-60, counted from 1 as in a spreadsheet. Empty: all rows below the names.",
    "transpose": "Rows are grouped. Turn the table where what should be grouped stands in its columns.",
    "encoding": "How letters are stored. Try another one where words look garbled.",
}
_WORDS = {
    "delimiter": {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "spaces"},
    "decimal": {".": "point: 1,234.5", ",": "comma: 1.234,5"},
    "day_first": {"yes": "the day: 31/12/2024", "no": "the month: 12/31/2024"},
    "kind": {
        "table": "a table",
        "image": "pictures",
        "series": "series",
        "text": "texts",
        "graph": "a graph: rows are links",
    },
}
_OF_GRIDS = ("rows", "transpose", "decimal", "day_first")
"""What can be chosen wherever cells are typed by people, so that readers find a row with names."""
_ENCODINGS = ("utf-8", "cp1252", "cp1250", "cp1251", "gb18030", "big5", "shift_jis", "euc_kr", "utf-16", "mac_roman")
_LIKELY = "Automatic"


def offer(workspace: Workspace, record: DatasetRecord, raw: Raw) -> None:
    """The button that opens the choices; none for samples and for data that leave nothing open."""
    if record.sample or not _fields(raw) or workspace.original(record.id) is None:
        return
    asked = st.button(
        "Read it another way",
        type="tertiary",
        icon=":material/tune:",
        key="read-again",
        help="Another sheet, another row with the names, another decimal sign, ...",
    )
    if dialogs.asked(f"read-{record.id}", asked):
        _dialog(workspace, record, raw)


def _fields(raw: Raw) -> list[str]:
    """The options that make sense for these data."""
    known: tuple[str, ...] = _OF_GRIDS if "header" in raw.alternatives else ()
    known += ("encoding",) if "delimiter" in raw.alternatives else ()
    return [name for name in _TITLES if name in raw.alternatives or name in known]


def offer_failed(workspace: Workspace, failed: FailedImport) -> bool:
    """The same for a file that could not be read; False where nothing about it can be chosen, so that there is none."""
    fields = open_options(failed.files[0]) if len(failed.files) == 1 else ()
    if not fields:
        return False
    asked = st.button(
        "Read it another way",
        type="primary",
        icon=":material/tune:",
        key=f"read-failed-{failed.id}",
        help="Nothing needs to be uploaded again: the file is kept here for a day.",
    )
    if dialogs.asked(f"read-{failed.id}", asked):
        _failed_dialog(workspace, failed, fields)
    return True


_dialog_frame = st.dialog(
    "Read this file another way", width="medium", icon=":material/tune:", on_dismiss=dialogs.closed
)


@_dialog_frame
def _dialog(workspace: Workspace, record: DatasetRecord, raw: Raw) -> None:
    with error_boundary.plain_words():
        words = _chosen(_fields(raw), raw.alternatives, raw.options.to_json())
        st.caption("Your file stays as it is. Runs that were made with these data keep them.")
        if (options := _confirmed(words)) is not None:
            item = workspace.read_again(record.id, _with_series(options, raw)).id
            current.go("data", arriving=item, dataset=record.id)


@_dialog_frame
def _failed_dialog(workspace: Workspace, failed: FailedImport, fields: Sequence[str]) -> None:
    with error_boundary.plain_words():
        st.error(formatting.sentence(failed.sentence), icon=":material/error:")
        titles = [name for name in _TITLES if name in fields]
        if (options := _confirmed(_chosen(titles, {}, failed.options))) is not None:
            item = workspace.retry_import(failed.id, options).id
            current.go("data", arriving=item, **({"dataset": failed.dataset} if failed.dataset else {}))


def _chosen(fields: Sequence[str], found: Mapping[str, Sequence[str]], now: Mapping[str, object]) -> Mapping[str, str]:
    """A widget for each option; the words that were chosen."""
    words = {name: _control(name, found.get(name, ()), now) for name in fields}
    return {name: word for name, word in words.items() if word}


def _confirmed(words: Mapping[str, str]) -> ReadOptions | None:
    """The options once the button is pressed; None before, and where they are no options."""
    if not st.button("Read again", type="primary", key="read-again-now"):
        return None
    try:
        options = ReadOptions.from_words(words)
    except InputError as error:
        st.error(formatting.sentence(str(error)), icon=":material/error:")
        return None
    dialogs.closed()
    return options


def _with_series(options: ReadOptions, raw: Raw) -> ReadOptions:
    """The new options, and how the table holds series, which this dialog leaves as it is."""
    return ReadOptions.from_json(options.to_json() | ({"series": raw.options.series} if raw.options.series else {}))


def _control(name: str, found: Sequence[str], now: Mapping[str, object]) -> str:
    """The widget of one option; the word that was chosen, "" where it is left to the file."""
    key, title, help = f"read-{name}", _TITLES[name], _HELP.get(name)
    if name == "transpose":
        return "yes" if st.toggle(title, bool(now.get(name)), key=key, help=help) else ""
    asked = _word(now.get(name))
    if name in ("header", "rows", "sheet", "axes") and not found:
        return st.text_input(title, asked, key=key, help=help, placeholder=_LIKELY)
    others = {"encoding": _ENCODINGS}.get(name, tuple(_WORDS.get(name, {})))
    choices = ["", *dict.fromkeys([*([asked] if asked else []), *found, *others])]
    spoken = _WORDS.get(name, {})
    first = f"{_LIKELY}: {spoken.get(found[0], found[0])}" if found and not asked else _LIKELY
    chosen = st.selectbox(
        title,
        choices,
        choices.index(asked),
        format_func=lambda word: spoken.get(word, word) if word else first,
        key=key,
        help=help,
        accept_new_options=name == "header",
    )
    return chosen or ""


def _word(value: object) -> str:
    """An option as a user types it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-".join(map(str, value)) if isinstance(value, list) else str(value)
