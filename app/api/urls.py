"""The public address of the service, for links in answers."""

from fastapi import Request

from app.system import System


def public_base(request: Request, system: System) -> str:
    """Return BASE_URL, or the address the request came to."""
    if system.settings.base_url:
        return system.settings.base_url
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
