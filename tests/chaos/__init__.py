"""Plays in which something is killed, cut or broken on purpose."""
