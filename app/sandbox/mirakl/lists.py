"""The lists that Mirakl publishes."""

from app.sandbox.published import lists_of

PUBLISHED = lists_of(__file__)
