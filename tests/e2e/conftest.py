"""Every play has a deployment; the end of each server's log is shown beside a failure."""

from tests.support.deployment import deployment as deployment
from tests.support.deployment import pytest_runtest_makereport as pytest_runtest_makereport
