"""One moment drawn for a terminal, as wide and as high as it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.table import Column, Table
from rich.text import Text

from services.watching.figures import BLOCKED, Department, Figure, State, View, not_well
from services.watching.words import WORDS, Language, digits_of, number, span

# Six tiles in a row, or three in two; where there is no room for tiles, lines.
SIX_FROM, THREE_FROM = 114, 66
# A table's own lines, and the one that says how many more there are.
AROUND_A_TABLE = 5
AROUND_A_TILE = 4
STYLES: dict[State, str] = {
    "fine": "green",
    "look": "yellow",
    "act": "bold red",
    "unknown": "magenta",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """`whole`: every row, however high the terminal is."""

    view: View
    language: Language
    whole: bool

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= THREE_FROM
        first_row = self._first_row(options.max_width)
        head = Group(self._line(), first_row, *self._pace(), self._also(), *self._unwell(wide=wide))
        yield head
        if self.whole:
            yield from (*self._departments(None, wide=wide), *self._waiting(None))
            return
        used = len(console.render_lines(head, options, pad=False))
        rows = max(2, options.max_height - used - 2 * AROUND_A_TABLE)
        waiting = min(len(self.view.waiting), max(1, rows // 3))
        yield from self._departments(rows - waiting, wide=wide)
        yield from self._waiting(waiting)

    def _line(self) -> Text:
        words, processes = WORDS[self.language], self.view.processes
        answering = sum(one.condition != "down" for one in processes)
        at = digits_of(f"{self.view.at:%H:%M:%S}", self.language)
        some, all_ = (number(one, self.language) for one in (answering, len(processes)))
        style = "bold" if answering == len(processes) else STYLES["act"]
        return Text(f"Peygir  {at}  {some} {words['of']} {all_} {words['answer']}", style=style)

    def _first_row(self, width: int) -> RenderableType:
        figures = self.view.now
        if width < THREE_FROM:
            return Group(*(self._in_a_line(one) for one in figures))
        in_a_row = len(figures) if width >= SIX_FROM else len(figures) // 2
        inside = width // in_a_row - AROUND_A_TILE
        titles = (WORDS[self.language][one.name] for one in figures)
        lines = 1 if all(cell_len(title) <= inside for title in titles) else 2
        grid = Table.grid(expand=True)
        for _ in range(in_a_row):
            grid.add_column(ratio=1)
        for first in range(0, len(figures), in_a_row):
            grid.add_row(*(self._tile(one, lines) for one in figures[first : first + in_a_row]))
        return grid

    def _tile(self, figure: Figure, lines: int) -> Panel:
        style = STYLES[figure.state]
        said = Text(self._value(figure), style=style, justify="center")
        said.append(f"\n{WORDS[self.language][figure.name]}", style="default not bold")
        return Panel(said, title=self._mark(figure.state), border_style=style, height=3 + lines)

    def _in_a_line(self, figure: Figure) -> Text:
        mark = self._mark(figure.state)
        said = Text(f"{WORDS[self.language][figure.name]}: ")
        said.append(self._value(figure), style=STYLES[figure.state])
        return said.append(f" ({mark})" if mark else "")

    def _mark(self, state: State) -> str:
        """Said in a word too: not every terminal has colours, nor every eye."""
        return "" if state == "fine" else WORDS[self.language][state]

    def _value(self, figure: Figure) -> str:
        if figure.name == BLOCKED:
            return span(figure.value, self.language)
        return number(figure.value, self.language)

    def _pace(self) -> Iterator[Text]:
        """Nothing before a second look."""
        words = WORDS[self.language]
        parts = [
            f"{words[name]} {number(value, self.language)}"
            for name, value in self.view.a_minute.items()
            if value is not None
        ]
        if parts:
            yield Text(f"{words['a_minute']}: {'  '.join(parts)}")

    def _also(self) -> Text:
        said = Text()
        for figure in self.view.also:
            said.append("  " if said else "")
            said.append(f"{WORDS[self.language][figure.name]} ")
            said.append(self._value(figure), style=STYLES[figure.state])
        return said

    def _unwell(self, *, wide: bool) -> Iterator[RenderableType]:
        unwell = not_well(self.view.processes)
        if not unwell:
            return
        words = WORDS[self.language]
        address = [words["address"]] if wide else []
        table = _table(words["process"], *address, words["condition"], words["wrong"])
        for one in unwell:
            condition = Text(words[one.condition], style=STYLES["act"])
            where = [Text(one.address)] if wide else []
            wrong = Text(words.get(one.wrong, one.wrong))
            table.add_row(Text(one.name), *where, condition, wrong)
        yield table

    def _departments(self, rows: int | None, *, wide: bool) -> Iterator[RenderableType]:
        words, departments = WORDS[self.language], self.view.departments
        late = [one for one in departments if one.overdue or one.due_soon]
        if not late:
            known = any(one.overdue is not None for one in departments)
            yield Text(f"\n{words['none_late' if known else 'none_known']}")
            return
        of_many = len({one.municipality for one in departments}) > 1
        numbers = ("overdue", "urgent", "due", "open", "oldest") if wide else ("overdue", "urgent")
        table = _table(words["department"], *(_right(words[name]) for name in numbers))
        for one in late[:rows]:
            name = f"{one.municipality}/{one.department}" if of_many else one.department
            table.add_row(Text(name), *self._late(one)[: len(numbers)])
        yield table
        yield from self._more(len(late), rows)

    def _late(self, one: Department) -> Sequence[Text]:
        urgent = number(one.urgent_overdue, self.language)
        return (
            Text(number(one.overdue, self.language)),
            Text(urgent, style=STYLES["act"] if one.urgent_overdue else ""),
            Text(number(one.due_soon, self.language)),
            Text(number(one.open_cases, self.language)),
            Text(span(one.oldest_seconds, self.language)),
        )

    def _waiting(self, rows: int | None) -> Iterator[RenderableType]:
        words, waiting = WORDS[self.language], self.view.waiting
        if not waiting:
            known = all(one.value is not None for one in self.view.now if one.name == BLOCKED)
            yield Text(f"\n{words['none_waits' if known else 'lag_unknown']}")
            return
        numbers = (_right(words["messages"]), _right(words["since"]))
        table = _table(words["consumer"], words["source"], *numbers)
        for one in waiting[:rows]:
            table.add_row(
                Text(one.consumer),
                Text(one.source),
                number(one.messages, self.language),
                span(one.seconds, self.language),
            )
        yield table
        yield from self._more(len(waiting), rows)

    def _more(self, there: int, rows: int | None) -> Iterator[Text]:
        if rows is not None and there > rows:
            yield Text(f"  + {number(there - rows, self.language)} {WORDS[self.language]['more']}")


def _right(words: str) -> Column:
    return Column(words, justify="right")


def _table(*columns: str | Column) -> Table:
    """What does not fit goes on in the next line of its cell: names are there to be copied."""
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for one in table.columns:
        one.overflow = "fold"
    return table
