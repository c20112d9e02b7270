"""Prompts as members write them, and what the pages of the library say."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.contrib.auth.models import Group
from django.http import QueryDict

from accounts.models import User
from chatapp.prompts.library import make
from chatapp.prompts.models import Prompt

FIELDS: dict[str, Any] = {
    "name": "summary",
    "title": "Sum up a paper",
    "instructions": "Be brief.",
    "first_message": "Sum up {{paper}} for {{reader}}.",
    "alias": "",
    "think": "",
    "temperature": "",
    "top_p": "",
    "top_k": "",
    "min_p": "",
    "answer_tokens": "",
    "shared": "nobody",
}


def sent(**values: Any) -> QueryDict:
    """What a form sends; a list is a field with several values."""
    data = QueryDict(mutable=True)
    for name, value in (FIELDS | values).items():
        data.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return data


def prompt_of(owner: User, **values: Any) -> Prompt:
    """A prompt that its owner has written."""
    form = make(owner, sent(**values))
    assert not form.errors, form.errors
    return form.instance


def shared_with(owner: User, group: Group, **values: Any) -> Prompt:
    prompt = prompt_of(owner, **values)
    Prompt.objects.filter(pk=prompt.pk).update(shared=Prompt.Shared.GROUPS)
    prompt.groups.add(group)
    prompt.refresh_from_db()
    return prompt


def text(response: Any) -> str:
    """The words of a page, with single blanks between them."""
    html = re.sub(r"<(script|style|svg|template).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    html = re.sub(r"</?(a|b|bdi|span|time)\b[^>]*>", "", html)
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", html).split()))
