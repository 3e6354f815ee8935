import re

import pytest

from tools.layouts.variants import BODY_SIZES, OPERATIONS, VARIANTS, Variant, bench_sql, load_sql

PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


@pytest.mark.parametrize("body_size", BODY_SIZES)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_every_statement_of_a_layout_is_filled_in(variant: Variant, body_size: str) -> None:
    texts = [load_sql(variant, body_size)]
    texts += [bench_sql(variant, body_size, operation) for operation in OPERATIONS]
    assert not [PLACEHOLDER.findall(text) for text in texts if PLACEHOLDER.search(text)]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_an_update_locks_the_resource_before_it_writes(variant: Variant) -> None:
    text = bench_sql(variant, "1500", "update")
    assert text.index("FOR UPDATE") < text.index("INSERT INTO") < text.index("COMMIT")


def test_an_operation_can_be_kept_to_the_first_resources() -> None:
    assert "random(1, 10)" in bench_sql(VARIANTS[0], "1500", "update", among=10)
