"""What the gateway answers when it refuses: a six-character code whose digits are the HTTP status, and a text.

Codes and texts are those of the help page of the gateway's error codes; how one text is worded where the page leaves it
open is a choice.
"""

from __future__ import annotations

from gatespan.emulator.dataplane.http import Response, plain


class RefusedError(Exception):
    """``why`` says more than the caller may know: it goes into the cloud's own log."""

    def __init__(self, code: str, message: str, why: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.why = why or message

    def response(self) -> Response:
        """The answer: an empty body, everything in the headers."""
        message = self.message.replace("\r", "").replace("\n", "#")  # a header cannot hold a line break
        headers = (("X-Ca-Error-Code", self.code), ("X-Ca-Error-Message", message))
        return plain(int(self.code[1:4]), headers=headers)


class NoAnswerError(Exception):
    """Nothing comes back at all, as when packets are lost: the client waits until its patience ends."""
