"""The database: the only package that imports sqlmodel. One file per question family."""
