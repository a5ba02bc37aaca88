"""A patient's facts stay in one partition, the one where every other Kafka client would put them."""

from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from care_shared.runtime.kafka import partition_of


@given(st.binary(min_size=1, max_size=64), st.integers(1, 24))
def test_a_key_lands_where_others_would_put_it(key: bytes, count: int) -> None:
    partitions = list(range(count))
    assert partition_of(key, partitions, partitions) == DefaultPartitioner()(key, partitions, partitions)
