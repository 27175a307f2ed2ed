"""The `peygir` command, composed of one module for each group of commands.

A module with several commands has an `app`, added under its name; a module with one command has
a function of that name. Both raise errors that say what to do; `door` gives each its exit code.
"""

import typer

from services.command import (
    backup,
    case,
    dead_letters,
    department,
    doctor,
    down,
    erase,
    gaps,
    import_,
    keys,
    lag,
    log,
    policy,
    rebuild,
    restore,
    schemas,
    sla,
    staff,
    status,
    submit,
    unknown_notices,
    up,
    verify,
    watch,
)
from services.command.door import in_words

app = typer.Typer(
    help="Peygir: the engine behind a municipality's 137 line.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(up.up)
app.command()(down.down)
app.command()(status.status)
app.command()(doctor.doctor)
app.command()(watch.watch)
app.command()(lag.lag)
app.command()(gaps.gaps)
app.command()(submit.submit)
app.command()(erase.erase)
app.command()(backup.backup)
app.command()(restore.restore)
app.command()(verify.verify)
app.command()(rebuild.rebuild)
app.command()(unknown_notices.unknown_notices)
app.command("import")(import_.import_)
app.add_typer(case.app, name="case")
app.add_typer(department.app, name="department")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(keys.app, name="keys")
app.add_typer(log.app, name="log")
app.add_typer(policy.app, name="policy")
app.add_typer(schemas.app, name="schemas")
app.add_typer(sla.app, name="sla")
app.add_typer(staff.app, name="staff")


def main() -> None:
    """The console script."""
    in_words(app)


if __name__ == "__main__":
    main()
