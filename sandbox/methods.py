"""The Bot API methods over the world: one table, one way to call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sandbox import chats, editing, profile, sending, topics
from sandbox.errors import ApiError, BadRequest
from sandbox.schema import Params, Upload, read
from sandbox.state import Json, Webhook
from sandbox.world import World

Handler = Callable[[World, Params], Any]

_PORTS: Final = (80, 88, 443, 8443)
_LOCAL: Final = ("127.0.0.1", "localhost")


def set_webhook(world: World, params: Params) -> bool:
    """Push updates to a URL. The only leniency of the sandbox: plain http to this machine, on any port."""
    _check_webhook(params)
    world.webhook = Webhook(params["url"], params.get("secret_token"), params.get("max_connections", 40))
    if "allowed_updates" in params:
        world.updates.allow(params["allowed_updates"])
    if params.get("drop_pending_updates"):
        world.updates.drop()
    if params["url"]:
        world.updates.wake("Conflict: terminated by setWebhook request")
    world.webhook_changed()
    return True


def _check_webhook(params: Params) -> None:
    url = urlsplit(params["url"])
    local = url.scheme == "http" and url.hostname in _LOCAL
    if params["url"] and not local and url.scheme != "https":
        raise BadRequest("bad webhook: HTTPS URL must be provided for webhook")
    if not local and (url.port or 443) not in _PORTS:
        raise BadRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", params.get("secret_token", "-")):
        raise BadRequest("secret token contains unallowed characters")
    if not 1 <= params.get("max_connections", 40) <= 100:
        raise BadRequest("max_connections must be 1-100")


def delete_webhook(world: World, params: Params) -> bool:
    """Back to getUpdates."""
    return set_webhook(world, {"url": "", "drop_pending_updates": params.get("drop_pending_updates", False)})


def get_webhook_info(world: World, _: Params) -> Json:
    """WebhookInfo."""
    webhook = world.webhook
    info: Json = {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    if webhook.last_error_date is not None:
        info |= {"last_error_date": webhook.last_error_date, "last_error_message": webhook.last_error_message}
    if world.updates.allowed is not None:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


METHODS: Final[dict[str, Handler]] = {
    **profile.METHODS,
    **sending.METHODS,
    **editing.METHODS,
    **chats.METHODS,
    **topics.METHODS,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}


def call(world: World, method: str, given: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> Any:
    """Do one call and log it. Raises `ApiError`."""
    logged: Json = dict(given)
    try:
        params = read(method, given, uploads)
        logged = without_files(params) if uploads else params
        result = METHODS[method](world, params)
    except ApiError as error:
        world.record(method, logged, error.description)
        raise
    world.record(method, logged, None)
    return result


def without_files(value: Any) -> Any:
    """The same parameters with each file as `{file_name, file_size}`."""
    if isinstance(value, Upload):
        return {"file_name": value.name, "file_size": len(value.data)}
    if isinstance(value, dict):
        return {key: without_files(item) for key, item in value.items()}
    return [without_files(item) for item in value] if isinstance(value, list) else value
