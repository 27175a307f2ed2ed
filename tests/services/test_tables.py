"""What a command lists can be copied from the terminal: nothing of it is cut."""

from rich.console import Console
from rich.table import Column

from services.command.tables import whole_table

ID = "cgh54rzr32przaeavt4xxnpcpy4scc3w"


def test_what_does_not_fit_goes_on_in_the_next_line() -> None:
    console = Console(width=40)
    table = whole_table("number", Column("bytes", justify="right"), "id")
    table.add_row("1", "55,058,123", ID)

    with console.capture() as capture:
        console.print(table)

    rows = [line.split("│") for line in capture.get().splitlines() if "│" in line]
    assert "".join(cells[3].strip() for cells in rows) == ID
    assert "…" not in capture.get()
