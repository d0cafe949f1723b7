"""What the end-to-end tests share: a home of their own, with the programs
under test, and an end at which nothing of it may be left running.

A test asks for `jw` (see jw.py) and, where it needs one, for `hook`, a
receiver of notifications.
"""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from jw import Jobwatch  # noqa: E402
from receiver import Receiver  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than five seconds")
    config.addinivalue_line("markers", "root: needs root")
    config.addinivalue_line("markers", "user: needs an ordinary user")


def pytest_collection_modifyitems(items):
    root = os.geteuid() == 0
    for item in items:
        if item.get_closest_marker("root") and not root:
            item.add_marker(pytest.mark.skip(reason="needs root"))
        if item.get_closest_marker("user") and root:
            item.add_marker(pytest.mark.skip(
                reason="needs an ordinary user: tests/e2e/run_as_user.sh"))


@pytest.fixture
def jw(tmp_path, request):
    if "hook" in request.fixturenames:
        request.getfixturevalue("hook")  # to outlive the families
    world = Jobwatch(tmp_path)
    yield world
    world.end()


@pytest.fixture
def hook():
    with Receiver() as receiver:
        yield receiver
