"""Exports as ChatGPT writes them, made here by what is known of the format."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

BEGAN = 1_700_000_000.25


def node(pk: str, parent: str | None, role: str = "", content: Any = None, **more: Any) -> dict[str, Any]:
    """A node of a mapping; without a role it has no message, as roots have none. Children are added by `chat`."""
    message = {
        "id": pk,
        "author": {"role": role, "name": more.pop("name", None), "metadata": {}},
        "create_time": more.pop("at", BEGAN),
        "update_time": None,
        "content": {"content_type": "text", "parts": [content]} if isinstance(content, str) else content,
        "status": "finished_successfully",
        "end_turn": None,
        "weight": 1.0,
        "metadata": more.pop("metadata", {}),
        "recipient": more.pop("recipient", "all"),
    }
    return {"id": pk, "message": message if role else None, "parent": parent, "children": [], **more}


def chat(*nodes: dict[str, Any], current: str | None = None, **more: Any) -> dict[str, Any]:
    mapping = {one["id"]: one for one in nodes}
    for one in nodes:
        if one["parent"] in mapping:
            mapping[one["parent"]]["children"].append(one["id"])
    return {
        "id": "11111111-2222-3333-4444-555555555555",
        "conversation_id": "11111111-2222-3333-4444-555555555555",
        "title": "From ChatGPT",
        "create_time": BEGAN,
        "update_time": BEGAN + 60,
        "mapping": mapping,
        "current_node": current or nodes[-1]["id"],
        "is_archived": False,
        **more,
    }


def opening() -> list[dict[str, Any]]:
    """The root without a message, and the system's note that hides, as every export has them."""
    hidden = {"is_visually_hidden_from_conversation": True}
    return [node("root", None), node("system", "root", "system", "", metadata=hidden)]


def file_of(*chats: Any) -> bytes:
    return json.dumps(list(chats)).encode()


def zip_of(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()
