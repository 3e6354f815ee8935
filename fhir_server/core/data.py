"""Where the data that ships with the server lies: definitions, terminology and migrations."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def data_folder(name: str) -> Path:
    """Return the folder `profiles`, `terminology` or `migrations`.

    An installed wheel carries them inside the package; a checkout has them at its top level.
    """
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name
