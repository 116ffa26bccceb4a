"""Every play has a stage; the end of each server's log is shown beside a failure."""

from tests.support.stage import pytest_runtest_makereport as pytest_runtest_makereport
from tests.support.stage import stage as stage
