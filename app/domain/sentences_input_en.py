"""What is said of input that can't be used, in English: code → sentence, which says what to do."""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {}
