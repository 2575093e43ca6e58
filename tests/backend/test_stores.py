"""What every store promises, in a folder, in memory and on three services."""

import threading

import pytest

from reconciler import errors
from reconciler.backend import stores
from reconciler.backend.addresses import open_store
from reconciler.backend.stores import Entry


def test_what_is_written_is_read_and_removed(store):
    tag = store.write("stacks/shop/dev.json", b"one")

    found = store.find("stacks/shop/dev.json")
    assert (found.content, found.tag) == (b"one", tag)
    assert stores.read(store, "stacks/shop/dev.json") == b"one"
    assert store.write("stacks/shop/dev.json", b"two two") != tag
    assert stores.read(store, "stacks/shop/dev.json") == b"two two"
    store.remove("stacks/shop/dev.json")
    assert store.find("stacks/shop/dev.json") is None


def test_what_is_not_there_is_none_and_may_be_removed(store):
    store.write("stacks/here", b"")

    assert store.find("stacks/none") is None
    assert store.find("none/none") is None
    assert store.entries("none") == ()
    assert store.keys("none") == ()
    store.remove()
    store.remove("stacks/none")
    store.remove("stacks/none", "stacks/here", "none/none")
    assert store.keys("") == ()


def test_an_object_is_created_once(store):
    tag = store.create("locks/a", b"first")

    assert tag
    assert store.create("locks/a", b"second") is None
    assert store.find("locks/a") == stores.Found(b"first", tag, store.find("locks/a").modified_s)


def test_only_the_version_that_was_read_is_replaced(store):
    tag = store.create("leases/a", b"first")

    newer = store.replace("leases/a", b"second", tag)

    assert newer not in (None, tag)
    assert store.replace("leases/a", b"third", tag) is None
    assert stores.read(store, "leases/a") == b"second"
    assert store.replace("leases/a", b"third", store.find("leases/a").tag)
    store.remove("leases/a")
    assert store.replace("leases/a", b"fourth", newer) is None
    assert store.find("leases/a") is None


def test_of_many_that_create_one_object_one_wins(store):
    tags, start = {}, threading.Barrier(8)

    def create(number):
        start.wait()
        tags[number] = store.create("locks/a", f"{number}".encode())

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = (number for number, tag in tags.items() if tag)
    assert stores.read(store, "locks/a") == f"{winner}".encode()


def test_a_folder_is_listed_by_name(store):
    for key in ("stacks/shop/b.json", "stacks/shop/a.json", "stacks/shop/deep/c", "stacks/shop-2/d", "meta.yaml"):
        store.write(key, b"x")

    assert stores.names(store, "stacks/shop") == ("a.json", "b.json")
    assert [(entry.name, entry.is_folder) for entry in store.entries("stacks")] == [("shop", True), ("shop-2", True)]
    assert Entry("deep", is_folder=True) in store.entries("stacks/shop")
    assert all(
        entry.modified_ns > 1_700_000_000 * 10**9 for entry in store.entries("stacks/shop") if not entry.is_folder
    )
    assert store.keys("stacks/shop") == ("stacks/shop/a.json", "stacks/shop/b.json", "stacks/shop/deep/c")
    assert len(store.keys("")) == 5


def test_objects_of_all_sizes_come_back_whole(store):
    for size in (0, 1, 6 * 1024 * 1024):
        content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        store.write("big", content)
        assert stores.read(store, "big") == content


def test_a_url_names_each_object(store):
    assert "://" in store.locate("stacks/shop/dev.json")
    assert store.locate("stacks/shop/dev.json").endswith("/.pulumi/stacks/shop/dev.json")


@pytest.mark.slow
def test_a_write_that_was_done_though_it_was_said_to_have_failed_is_one_write(s3, s3_store):
    faults = iter(["500-after", None, None])
    s3.fault = lambda method, path: next(faults, None) if method == "PUT" else None

    tag = s3_store.create("leases/a", b"mine 1")
    assert stores.read(s3_store, "leases/a") == b"mine 1"
    faults = iter(["500-after", "500-after"])
    newer = s3_store.replace("leases/a", b"mine 2", tag)

    assert newer == s3_store.find("leases/a").tag
    assert stores.read(s3_store, "leases/a") == b"mine 2"


def test_another_writers_object_is_never_taken_for_ones_own(s3, s3_store):
    s3_store.create("leases/a", b"theirs")
    faults = iter(["503", "500-after"])
    s3.fault = lambda method, path: next(faults, None) if method == "PUT" else None

    assert s3_store.create("leases/a", b"mine") is None
    assert stores.read(s3_store, "leases/a") == b"theirs"


@pytest.mark.slow
def test_a_write_whose_answer_never_came_is_one_write(s3):
    from reconciler.backend.bucket_urls import open_bucket

    store = open_bucket(s3.url, s3.environment, timeout_s=0.5)
    faults = iter(["late"])
    s3.fault = lambda method, path: next(faults, None) if method == "PUT" else None

    assert store.create("leases/a", b"mine")
    assert stores.read(store, "leases/a") == b"mine"


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["503", "429"])
def test_a_busy_service_is_asked_again(s3, s3_store, fault):
    faults = iter([fault] * 2)
    s3.fault = lambda method, path: next(faults, None)

    s3_store.write("a", b"x")
    faults = iter([fault] * 2)
    assert stores.read(s3_store, "a") == b"x"
    faults = iter([fault] * 2)
    assert s3_store.keys("") == ("a",)
    faults = iter([fault] * 2)
    s3_store.remove("a")


def test_a_service_without_conditions_is_looked_at_first(s3, s3_store):
    s3.fault = lambda method, path: None
    tag = s3_store.create("a", b"one")
    refused = []

    def refuse_conditions(method, path):
        # Each conditional write is followed by a plain one, which is let through.
        if method == "PUT" and len(refused) % 2 == 0:
            refused.append(path)
            return "501"
        if method == "PUT":
            refused.append(path)
        return None

    s3.fault = refuse_conditions
    assert s3_store.replace("a", b"two", tag)
    assert stores.read(s3_store, "a") == b"two"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("403", errors.BucketAccessError), ("301", errors.BucketRegionError)],
)
def test_what_the_service_refuses_says_what_to_do(s3, s3_store, fault, expected):
    s3.fault = lambda method, path: fault

    for request in (
        lambda: s3_store.find("a"),
        lambda: s3_store.write("a", b""),
        lambda: s3_store.create("a", b""),
        lambda: s3_store.keys(""),
        lambda: s3_store.remove("a"),
    ):
        with pytest.raises(expected) as caught:
            request()
        assert caught.value.hint
        assert "secret" not in str(caught.value)


def test_a_bucket_that_is_not_there_is_named(s3):
    store = open_store(s3.url.replace("bucket-", "no-bucket-"), s3.environment)

    for request in (lambda: store.find("a"), lambda: store.create("a", b""), lambda: store.keys("")):
        with pytest.raises(errors.BucketNotFoundError):
            request()


@pytest.mark.slow
def test_an_endpoint_that_does_not_answer_is_named():
    store = open_store(
        "s3://bucket?endpoint=http://127.0.0.1:9", {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    )

    with pytest.raises(errors.BucketUnreachableError):
        store.find("a")
