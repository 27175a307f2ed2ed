"""Tells the packages of an image which version of Peygir they belong to: its logs say it."""  # noqa: INP001  # a program for the image alone

import sys
import sysconfig
import tomllib
from pathlib import Path


def main(project: Path, packages: Path) -> None:
    """What installing Peygir would write; its code is copied beside its policies instead."""
    about = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    folder = packages / f"{about['name']}-{about['version']}.dist-info"
    folder.mkdir()
    lines = ("Metadata-Version: 2.1", f"Name: {about['name']}", f"Version: {about['version']}", "")
    (folder / "METADATA").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sysconfig.get_path("purelib")))
