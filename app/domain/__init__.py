"""The words of the trade. No I/O, no clock, no import from the rest of the application."""
