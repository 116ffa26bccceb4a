"""What connection tests, shop tests and test orders say in English: code → sentence, code.fix → what to do."""

from collections.abc import Mapping

FINDINGS: Mapping[str, str] = {}
