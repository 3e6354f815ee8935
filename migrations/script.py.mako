"""${message}."""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None

# The oldest revision whose release can still run on the schema that this one leaves behind.
compatible_from = ${repr(up_revision)}


def upgrade() -> None:
    """Say what a release that runs beside the new one still finds."""
    op.execute("SET LOCAL lock_timeout = '4s'")
