"""Who gets what: the table of every address about somebody's things, and of every word on a socket.

The people: who owns the chat, takes part in it (write), may only read it, was invited and is removed (gone), was never
invited (Eve), administers. Off: the owner, and who takes part, after they were disabled, with the cookie from before.
Without an account: who knows the address of a live link, of one that is over, of one that was revoked (void), of one
with a password, which they do not know (lock); and who knows no address of any (anon).

Who is signed in uses the address of the link that works. No model is connected, so nothing that is asked is answered.

  302, 404 …  the status of the answer         see    200, and something of the chat is on the page
  login       the way to the sign-in page      no     200, and nothing of the chat is on the page
  asks        may ask; ends at "no model" 422  pass   200, the page that wants the password

"hx-" is a request as htmx makes it, "json-" one that accepts JSON alone. After "|" another form to the same address.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = (
    *("owner", "write", "read", "gone", "Eve", "admin"),
    *("off-owner", "off-write"),
    *("link", "over", "void", "lock", "anon"),
)

PAGES = """
                                     signed in                           off         without an account
                                     owner write read  gone  Eve   admin owner write link  over  void  lock  anon

# The chat, and what is said in it
GET     c/CHAT/                      see   see   see   404   404   404   login login login login login login login
HEAD    c/CHAT/                      405   405   405   405   405   405   login login login login login login login
hx-GET  c/CHAT/                      see   see   see   404   404   404   401   401   401   401   401   401   401
json-GET c/CHAT/                     see   see   see   404   404   404   login login login login login login login
GET     c/CHAT/?m=ANSWER             see   see   see   404   404   404   login login login login login login login
GET     c/CHAT/?m=OTHERS             404   404   404   404   404   404   login login login login login login login
GET     c/CHAT/?near=OTHERS          see   see   see   404   404   404   login login login login login login login
GET     c/CHAT/?before=ANSWER        see   see   see   404   404   404   login login login login login login login
GET     c/CHAT.json                  404   404   404   404   404   404   404   404   404   404   404   404   404
GET     m/ANSWER/source/             see   see   see   404   404   404   login login login login login login login
hx-GET  m/ANSWER/source/             see   see   see   404   404   404   401   401   401   401   401   401   401
POST    m/ANSWER/show/               303   303   303   404   404   404   login login login login login login login
POST    m/ANSWER/fork/               303   303   303   404   404   404   login login login login login login login
POST    m/WAITS/fork/                404   404   404   404   404   404   login login login login login login login
GET     m/ANSWER/feedback/           see   see   see   404   404   404   login login login login login login login
POST    m/ANSWER/feedback/           303   303   303   404   404   404   login login login login login login login
POST    m/ANSWER/feedback/comment/   303   303   303   404   404   404   login login login login login login login

# Writing in it
POST    c/CHAT/send/                 asks  asks  403   404   404   404   login login login login login login login
hx-POST c/CHAT/send/                 asks  asks  403   404   404   404   401   401   401   401   401   401   401
POST    c/CHAT/send-on/              303   303   403   404   404   404   login login login login login login login
POST    c/CHAT/stop/                 303   303   403   404   404   404   login login login login login login login
POST    m/ANSWER/stop/               303   303   403   404   404   404   login login login login login login login
hx-POST m/ANSWER/stop/               204   204   403   404   404   404   401   401   401   401   401   401   401
POST    m/ANSWER/continue/           asks  asks  403   404   404   404   login login login login login login login
POST    m/ANSWER/retry/              asks  asks  403   404   404   404   login login login login login login login
POST    m/QUESTION/answer/           303   303   403   404   404   404   login login login login login login login
hx-POST m/QUESTION/answer/           200   200   403   404   404   404   401   401   401   401   401   401   401
POST    m/ANSWER/answer/             409   409   403   404   404   404   login login login login login login login
POST    m/WAITS/answer/              404   404   404   404   404   404   login login login login login login login
POST    m/ANSWER/keep/               409   409   403   404   404   404   login login login login login login login
GET     m/QUESTION/edit/             see   see   403   404   404   404   login login login login login login login
hx-GET  m/QUESTION/edit/             see   see   403   404   404   404   401   401   401   401   401   401   401
POST    m/QUESTION/edit/             asks  asks  403   404   404   404   login login login login login login login
GET     m/WAITS/edit/                see   404   403   404   404   404   login login login login login login login
POST    m/WAITS/edit/                303   404   403   404   404   404   login login login login login login login
POST    m/WAITS/remove/              303   404   403   404   404   404   login login login login login login login
POST    m/GUESTS/remove/             303   303   403   404   404   404   login login login login login login login
GET     c/CHAT/people/               200   200   403   404   404   404   login login login login login login login

# What is its owner's alone
POST    c/CHAT/rename/               303   404   404   404   404   404   login login login login login login login
GET     c/CHAT/instructions/         see   404   404   404   404   404   login login login login login login login
POST    c/CHAT/instructions/         303   404   404   404   404   404   login login login login login login login
POST    c/CHAT/delete/               303   404   404   404   404   404   login login login login login login login
POST    c/CHAT/keep/                 303   404   404   404   404   404   login login login login login login login
GET     c/CHAT/file/                 see   404   404   404   404   404   login login login login login login login
POST    c/CHAT/pin/                  303   404   404   404   404   404   login login login login login login login
POST    c/CHAT/unpin/                303   404   404   404   404   404   login login login login login login login
POST    c/CHAT/archive/              303   404   404   404   404   404   login login login login login login login
POST    c/CHAT/unarchive/            303   404   404   404   404   404   login login login login login login login
POST    c/CHAT/move/                 303   404   404   404   404   404   login login login login login login login
POST    prompts/PROMPT/instruct/CHAT/ 302  404   404   404   404   404   login login login login login login login
GET     c/CHAT/log/                  see   404   404   404   404   404   login login login login login login login

# Deleted, for as long as its owner may take that back
GET     c/BIN/                       404   404   404   404   404   404   login login login login login login login
GET     c/BIN/print/                 404   404   404   404   404   404   login login login login login login login
GET     c/BIN/export/file/?kind=md   404   404   404   404   404   404   login login login login login login login
GET     c/BIN/members/               404   404   404   404   404   404   login login login login login login login
POST    c/BIN/send/                  404   404   404   404   404   404   login login login login login login login
GET     m/BINNED/source/             404   404   404   404   404   404   login login login login login login login
POST    m/BINNED/fork/               404   404   404   404   404   404   login login login login login login login
POST    c/BIN/restore/               303   404   404   404   404   404   login login login login login login login
GET     images/BINPIC/               404   404   404   404   404   404   404   404   404   404   404   404   404

# Who is let in
GET     c/CHAT/members/              200   404   404   404   404   404   login login login login login login login
hx-GET  c/CHAT/members/              200   404   404   404   404   404   401   401   401   401   401   401   401
POST    c/CHAT/members/              303   404   404   404   404   404   login login login login login login login
GET     c/CHAT/members/find/         200   404   404   404   404   404   login login login login login login login
POST    c/CHAT/members/change/       303   404   404   404   404   404   login login login login login login login
hx-POST c/CHAT/members/change/       200   no    no    404   404   404   401   401   401   401   401   401   401
POST    c/CHAT/members/change/|other 422   404   404   404   404   404   login login login login login login login
POST    c/CHAT/members/remove/       303   404   404   404   404   404   login login login login login login login
POST    c/CHAT/members/remove/|other 422   404   404   404   404   404   login login login login login login login
POST    c/CHAT/pass-on/              303   404   404   404   404   404   login login login login login login login
POST    c/CHAT/pass-on/|reader       422   404   404   404   404   404   login login login login login login login
POST    c/CHAT/leave/                404   303   303   404   404   404   login login login login login login login
GET     c/CHAT/share/                see   404   404   404   404   404   login login login login login login login
hx-GET  c/CHAT/share/                200   404   404   404   404   404   401   401   401   401   401   401   401
POST    c/CHAT/share/                200   404   404   404   404   404   login login login login login login login
POST    c/CHAT/share/|other          422   404   404   404   404   404   login login login login login login login
POST    c/CHAT/share/look/           200   404   404   404   404   404   login login login login login login login
POST    links/LINK/change/           303   404   404   404   404   404   login login login login login login login
GET     links/FROZEN/update/         see   404   404   404   404   404   login login login login login login login
hx-GET  links/FROZEN/update/         200   404   404   404   404   404   401   401   401   401   401   401   401
POST    links/FROZEN/update/         303   404   404   404   404   404   login login login login login login login
POST    links/FROZEN/update/|unseen  409   404   404   404   404   404   login login login login login login login
POST    links/LINK/revoke/           303   404   404   404   404   404   login login login login login login login
POST    links/VOID/restore/          303   404   404   404   404   404   login login login login login login login

# Behind a link
GET     s/TOKEN/                     see   see   see   see   see   see   404   see   see   410   404   pass  404
GET     s/TOKEN                      see   see   see   see   see   see   404   see   see   410   404   pass  404
GET     s/TAKEN/                     see   see   see   see   see   see   404   see   see   410   404   pass  404
HEAD    s/TOKEN/                     200   200   200   200   200   200   404   200   200   410   404   200   404
hx-GET  s/TOKEN/                     see   see   see   see   see   see   404   see   see   410   404   pass  404
json-GET s/TOKEN/                    see   see   see   see   see   see   404   see   see   410   404   pass  404
GET     s/TOKEN/?format=json         see   see   see   see   see   see   404   see   see   410   404   pass  404
GET     s/TOKEN.json/                404   404   404   404   404   404   404   404   404   404   404   404   404
GET     s/TOKEN.json                 404   404   404   404   404   404   404   404   404   404   404   404   404
GET     s/UPPER/                     404   404   404   404   404   404   404   404   404   404   404   404   404
POST    s/TOKEN/open/                303   303   303   303   303   303   404   303   303   410   404   422   404
GET     s/TOKEN/continue/            see   see   see   see   see   see   login login login login login login login
POST    s/TOKEN/continue/            303   303   303   303   303   303   login login login login login login login
GET     s/TOKEN/image/1/             200   200   200   200   200   200   404   200   200   410   404   404   404
GET     s/TAKEN/image/1/             200   200   200   200   200   200   404   200   200   410   404   404   404
HEAD    s/TOKEN/image/1/             200   200   200   200   200   200   404   200   200   410   404   404   404
hx-GET  s/TOKEN/image/1/             200   200   200   200   200   200   404   200   200   410   404   404   404
GET     s/TOKEN/image/2/             404   404   404   404   404   404   404   404   404   410   404   404   404
GET     s/TOKEN/image/1/small/       200   200   200   200   200   200   404   200   200   410   404   404   404

# Images: in the chat, and not sent yet
GET     images/IMAGE/                200   200   200   404   404   404   404   404   404   404   404   404   404
HEAD    images/IMAGE/                405   405   405   405   405   405   405   405   405   405   405   405   405
hx-GET  images/IMAGE/                200   200   200   404   404   404   404   404   404   404   404   404   404
GET     images/IMAGE/small/          200   200   200   404   404   404   404   404   404   404   404   404   404
GET     images/IMAGE.png             404   404   404   404   404   404   404   404   404   404   404   404   404
POST    images/IMAGE/alt/            404   404   404   404   404   404   login login login login login login login
POST    images/IMAGE/remove/         404   404   404   404   404   404   login login login login login login login
GET     images/UNSENT/               200   404   404   404   404   404   404   404   404   404   404   404   404
GET     images/UNSENT/small/         200   404   404   404   404   404   404   404   404   404   404   404   404
POST    images/UNSENT/alt/           204   404   404   404   404   404   login login login login login login login
POST    images/UNSENT/remove/        204   404   404   404   404   404   login login login login login login login
GET     images/unsent/?id=UNSENT     see   no    no    no    no    no    login login login login login login login

# Taken along
GET     c/CHAT/print/                see   see   see   404   404   404   login login login login login login login
GET     c/CHAT/export/               see   see   see   404   404   404   login login login login login login login
GET     c/CHAT/export/file/?kind=md  see   see   see   404   404   404   login login login login login login login
GET     c/CHAT/export/file/?kind=json see  see   see   404   404   404   login login login login login login login
GET     c/CHAT/export/file/?kind=zip 200   200   200   404   404   404   login login login login login login login
GET     import/IMPORT/               see   404   404   404   404   404   login login login login login login login
hx-GET  import/IMPORT/               200   404   404   404   404   404   401   401   401   401   401   401   401

# Lists
GET     .                            see   see   see   no    no    no    login login login login login login login
GET     sidebar/                     see   see   see   no    no    no    login login login login login login login
GET     sidebar/?c=CHAT              see   see   see   no    no    no    login login login login login login login
GET     sidebar/older/?before=LATER  see   no    no    no    no    no    login login login login login login login
GET     search/?q=zebra              see   see   see   no    no    no    login login login login login login login
hx-GET  search/?q=zebra              see   see   see   no    no    no    401   401   401   401   401   401   401
GET     chats/                       see   see   see   no    no    no    login login login login login login login
POST    chats/                       303   404   404   404   404   404   login login login login login login login
GET     archive/                     200   200   200   no    no    no    login login login login login login login
POST    archive/                     303   404   404   404   404   404   login login login login login login login
POST    chats/undo/                  303   409   409   409   409   409   login login login login login login login
GET     mentions/                    see   see   see   no    no    no    login login login login login login login
POST    mentions/read/               303   303   303   303   303   303   login login login login login login login
GET     shares/                      see   200   200   no    no    no    login login login login login login login
GET     export/                      200   200   200   no    no    no    login login login login login login login
GET     export/file/                 200   200   200   200   200   200   login login login login login login login

# Folders and prompts
GET     folders/                     see   200   200   no    no    no    login login login login login login login
POST    folders/                     303   303   303   303   303   303   login login login login login login login
POST    folders/FOLDER/rename/       303   404   404   404   404   404   login login login login login login login
POST    folders/FOLDER/up/           303   404   404   404   404   404   login login login login login login login
POST    folders/FOLDER/down/         303   404   404   404   404   404   login login login login login login login
GET     folders/FOLDER/delete/       see   404   404   404   404   404   login login login login login login login
POST    folders/FOLDER/delete/       303   404   404   404   404   404   login login login login login login login
GET     prompts/                     see   200   200   no    no    no    login login login login login login login
GET     prompts/menu/                see   no    no    no    no    no    login login login login login login login
GET     prompts/PROMPT/              see   404   404   404   404   404   login login login login login login login
GET     prompts/PROMPT/edit/         see   404   404   404   404   404   login login login login login login login
POST    prompts/PROMPT/edit/         302   404   404   404   404   404   login login login login login login login
GET     prompts/PROMPT/history/      see   404   404   404   404   404   login login login login login login login
POST    prompts/PROMPT/history/1/    302   404   404   404   404   404   login login login login login login login
POST    prompts/PROMPT/duplicate/    302   404   404   404   404   404   login login login login login login login
POST    prompts/PROMPT/archive/      302   404   404   404   404   404   login login login login login login login
POST    prompts/ASIDE/restore/       302   404   404   404   404   404   login login login login login login login
GET     prompts/ASIDE/delete/        see   404   404   404   404   404   login login login login login login login
POST    prompts/ASIDE/delete/        302   404   404   404   404   404   login login login login login login login
GET     prompts/PROMPT/use/          see   404   404   404   404   404   login login login login login login login
GET     prompts/PROMPT/chip/?c=CHAT  see   404   404   404   404   404   login login login login login login login

# Administration: counts, not contents; contents once, for a reason
GET     manage/shares/               404   404   404   404   404   no    login login login login login login login
POST    manage/shares/               404   404   404   404   404   302   login login login login login login login
POST    manage/shares/OWNER/revoke/  404   404   404   404   404   302   login login login login login login login
GET     manage/log/                  404   404   404   404   404   no    login login login login login login login
GET     manage/log/read/             404   404   404   404   404   no    login login login login login login login
POST    manage/log/read/             404   404   404   404   404   see   login login login login login login login
POST    manage/log/read/|no-reason   404   404   404   404   404   422   login login login login login login login
GET     manage/feedback/             404   404   404   404   404   no    login login login login login login login
"""

# "told": gets frames, "heard": others are told of it, "still": nothing happens; a number: so the socket is closed.
SOCKETS = """
                                     signed in                           off         without an account
                                     owner write read  gone  Eve   admin owner write link  over  void  lock  anon

ws/           (opened)               still still still still still still 4401  4401  4401  4401  4401  4401  4401
ws/           resume                 still still still still still still 4401  4401  4401  4401  4401  4401  4401
ws/           list                   told  told  told  told  told  told  4401  4401  4401  4401  4401  4401  4401
ws/           writes                 still still still still still still 4401  4401  4401  4401  4401  4401  4401
ws/c/CHAT/    (opened)               still still still 4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/c/CHAT/    resume                 told  told  told  4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/c/CHAT/    ack                    still still still 4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/c/CHAT/    list                   told  told  told  4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/c/CHAT/    seen                   still still still 4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/c/CHAT/    writes                 heard heard still 4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/c/CHAT/    send                   4400  4400  4400  4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/c/CHAT/    stop                   4400  4400  4400  4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/c/CHAT/    edit                   4400  4400  4400  4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/c/BIN/     resume                 4404  4404  4404  4404  4404  4404  4401  4401  4401  4401  4401  4401  4401
ws/s/TOKEN/   (opened)               still still still still still still 4410  still still 4410  4410  4403  4410
ws/s/TOKEN/   resume-link            told  told  told  told  told  told  4410  told  told  4410  4410  4403  4410
ws/s/TOKEN/   ack                    still still still still still still 4410  still still 4410  4410  4403  4410
ws/s/TOKEN/   resume                 4400  4400  4400  4400  4400  4400  4410  4400  4400  4410  4410  4403  4410
ws/s/TOKEN/   writes                 4400  4400  4400  4400  4400  4400  4410  4400  4400  4410  4410  4403  4410
ws/s/TOKEN/   send                   4400  4400  4400  4400  4400  4400  4410  4400  4400  4410  4410  4403  4410
ws/s/TOKEN/   stop                   4400  4400  4400  4400  4400  4400  4410  4400  4400  4410  4410  4403  4410
ws/s/TAKEN/   resume-link            4410  4410  4410  4410  4410  4410  4410  4410  4410  4410  4410  4410  4410
"""

# Addresses that name nothing of anybody's, and why they are not above.
_OF_THE_INSTANCE = (
    "of the instance, for administrators alone: looked at below, and in tests/catalog and tests/retention"
)
_OF_ONESELF = "of whoever is signed in, and of nobody else: tests/accounts"
_NEW = "makes something new of one's own"
NO_OBJECT = {
    **dict.fromkeys(
        (
            *("manage/providers/", "manage/providers/new/", "manage/providers/new/test/", "manage/providers/local/"),
            *("manage/providers/<int:pk>/", "manage/providers/<int:pk>/test/", "manage/providers/<int:pk>/sync/"),
            *("manage/providers/<int:pk>/delete/", "manage/aliases/", "manage/aliases/order/", "manage/aliases/new/"),
            *("manage/aliases/models/", "manage/aliases/<int:pk>/", "manage/aliases/<int:pk>/try/"),
            *("manage/aliases/<int:pk>/test/", "manage/aliases/<int:pk>/delete/", "manage/retention/"),
            *("manage/retention/new/", "manage/retention/<int:pk>/", "manage/retention/<int:pk>/delete/"),
        ),
        _OF_THE_INSTANCE,
    ),
    **dict.fromkeys(
        (
            *("sign-in/", "sign-out/", "setup/<str:token>/", "account/", "account/theme/", "account/password/"),
            "account/sign-out-elsewhere/",
        ),
        _OF_ONESELF,
    ),
    **dict.fromkeys(("new/", "images/", "images/fetch/", "import/", "prompts/new/"), _NEW),
    "models/": "the models that one may use: tests/catalog/test_who_may_use_an_alias.py",
    "healthz": "says that the server lives, to everybody: tests/live/test_web_basics.py",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What each person gets for one request, or for one word on one socket."""

    ask: str
    path: str
    form: str
    expected: dict[str, str]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.ask, self.path, self.form)))


def lines_of(table: str) -> list[Line]:
    """The lines of a table, without its head and its headings."""
    rows = [line.split() for line in table.strip().splitlines()[2:] if line.strip() and not line.startswith("#")]
    return [_line(first, second, words) for first, second, *words in rows]


def _line(first: str, second: str, words: list[str]) -> Line:
    path, _, form = second.partition("|")
    return Line(first, path, form, dict(zip(PEOPLE, words, strict=True)))
