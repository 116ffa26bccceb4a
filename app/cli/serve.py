"""`marketcron serve`."""

from typing import Annotated

import typer

from app import server
from app.settings import load_settings

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any free one.")]


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Start the service: cron URLs, reports, management API."""
    server.serve(load_settings(), host=host, port=port)
