"""The little of HTTP/1.1 that a load generator reads: is the answer whole, what is its status, where is it.

https://www.rfc-editor.org/rfc/rfc9112
"""

from dataclasses import dataclass

_END_OF_HEAD = b"\r\n\r\n"


class AnswerError(Exception):
    """What the server sent is no HTTP/1.1 answer that this reader knows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its status and its head in lower case."""

    status: int
    head: bytes

    def header(self, name: bytes) -> bytes:
        """Return a header's value, in lower case like its name must be; empty where it is absent."""
        begin = self.head.find(b"\r\n" + name + b":")
        if begin < 0:
            return b""
        return self.head[begin + len(name) + 3 : self.head.find(b"\r\n", begin + 2)].strip()


def whole_answer(received: bytes | bytearray) -> Answer | None:
    """Return the answer that `received` holds, or None while a part of it is missing.

    Raises AnswerError where it is none, or holds more than one.
    """
    end = received.find(_END_OF_HEAD)
    if end < 0:
        return None
    head = bytes(received[: end + 2]).lower()
    if not head.startswith(b"http/1.1 "):
        raise AnswerError("an answer should begin with HTTP/1.1")
    answer = Answer(int(head[9:12]), head)
    begin = end + len(_END_OF_HEAD)
    if answer.status in (204, 304):
        length = 0
    elif value := answer.header(b"content-length"):
        length = int(value)
    elif answer.header(b"transfer-encoding") == b"chunked":
        return answer if received.endswith(b"0\r\n\r\n") else None
    else:
        raise AnswerError("an answer should tell its length")
    if len(received) - begin > length:
        raise AnswerError("there is more than one answer")
    return answer if len(received) - begin == length else None
