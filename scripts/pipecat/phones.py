"""Phones for scripts/check-pipecat: each answers, says a sound of its own, and compares it with what it hears back.

Speaks as much SIP as one caller on loopback needs: UDP, an answer at once, one BYE. Prints a line for each call and fails if one is not right.
"""

import re
import socket
import struct
import sys
import threading
import time

FRAME = 160
SECONDS = 4


def sound_of(phone: int) -> bytes:
    """Mu-law bytes of which no stretch is like another, nor like those of another phone."""
    state, out = phone * 2_654_435_761 % 2**32 or 1, bytearray()
    for _ in range(SECONDS * 8000):
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        # No byte of silence (0xff, 0x7f).
        out.append(state >> 25 & 0x3F)
    return bytes(out)


class Phone(threading.Thread):
    """The sound of one call."""

    def __init__(self, number: int, remote: tuple[str, int], together: threading.Barrier):
        super().__init__(daemon=True)
        self.together = together
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.number, self.remote = number, remote
        self.said, self.heard = sound_of(number), {}
        self.ended_at, self.key_at = None, None

    @property
    def port(self) -> int:
        return self.socket.getsockname()[1]

    def packet(self, sequence: int, kind: int, payload: bytes, stamp: int) -> None:
        self.socket.sendto(struct.pack("!BBHII", 0x80, kind, sequence, stamp, self.number) + payload, self.remote)

    def listen(self) -> None:
        while self.ended_at is None:
            self.socket.settimeout(1)
            try:
                packet = self.socket.recv(2000)
            except TimeoutError:
                continue
            if packet[1] & 0x7F == 0:
                sequence, stamp = struct.unpack("!HI", packet[2:8])
                self.heard[stamp] = packet[12:]

    def run(self) -> None:
        threading.Thread(target=self.listen, daemon=True).start()
        self.together.wait(60)
        time.sleep(1)  # The last bot begins, too.
        begun, sequence = time.monotonic(), 0
        frames = [self.said[at : at + FRAME] for at in range(0, len(self.said), FRAME)]
        for frame in frames + [b"\xff" * FRAME] * 100:
            self.packet(sequence, 0, frame, sequence * FRAME)
            sequence += 1
            time.sleep(max(0, begun + sequence * 0.02 - time.monotonic()))
        # The key #, for 100 ms.
        self.key_at = time.monotonic()
        for step in range(1, 9):
            end = 0x80 if step > 5 else 0
            self.packet(sequence, 101, struct.pack("!BBH", 11, end | 10, min(step, 5) * 160), sequence * FRAME)
            sequence += 1
            time.sleep(0.02)

    def likeness(self) -> tuple[float, int]:
        """Of how much of what was said each sample came back as it was, and how many were lost or made up in between."""
        stamps = sorted(self.heard)
        heard = b"".join(self.heard[stamp] for stamp in stamps)
        at = next((heard.find(self.said[start : start + 80]) for start in (0, 160, 320)), -1)
        if at < 0:
            return 0.0, len(self.said)
        same = sum(a == b for a, b in zip(self.said, heard[at : at + len(self.said)]))
        return same / len(self.said), len(self.said) - same


def answer(request: str, code: str, extra: str, body: str = "") -> bytes:
    kept = [line for line in request.split("\r\n") if re.match(r"(via|from|call-id|cseq|record-route):", line, re.I)]
    to = re.search(r"^to:.*$", request, re.I | re.M).group(0).strip()
    to = to if "tag=" in to else f"{to};tag=phone"
    head = [f"SIP/2.0 {code}", *kept, to, *filter(None, [extra]), f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(head).encode()


def main() -> int:
    calls, port = int(sys.argv[1]), int(sys.argv[2])
    sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sip.bind(("127.0.0.1", port))
    sip.settimeout(60)
    phones: dict[str, Phone] = {}
    # A bot that begins keeps Pipecat's loop from those that talk: what is asked is whether all are heard at once.
    together = threading.Barrier(calls)
    while len(phones) < calls or any(phone.ended_at is None for phone in phones.values()):
        data, caller = sip.recvfrom(20_000)
        request = data.decode()
        method, call = request.split(" ", 1)[0], re.search(r"^call-id:\s*(\S+)", request, re.I | re.M).group(1)
        if method == "INVITE" and call not in phones:
            remote = int(re.search(r"^m=audio (\d+)", request, re.M).group(1))
            phones[call] = phone = Phone(len(phones) + 1, ("127.0.0.1", remote), together)
            body = (
                f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {phone.port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
            )
            contact = f"Contact: <sip:phone@127.0.0.1:{port}>\r\nContent-Type: application/sdp"
            sip.sendto(answer(request, "180 Ringing", f"Contact: <sip:phone@127.0.0.1:{port}>"), caller)
            time.sleep(0.3)
            sip.sendto(answer(request, "200 OK", contact, body), caller)
        elif method == "ACK" and call in phones and not phones[call].is_alive():
            phones[call].start()
        elif method == "BYE":
            sip.sendto(answer(request, "200 OK", ""), caller)
            phones[call].ended_at = time.monotonic()
    wrong = 0
    for phone in phones.values():
        same, lost = phone.likeness()
        after_key = (phone.ended_at - phone.key_at) * 1000 if phone.key_at else float("nan")
        is_right = same >= 0.999 and phone.key_at is not None
        wrong += not is_right
        print(f"call {phone.number}: {same:.4f} of it came back, {lost} samples not; ended {after_key:.0f} ms after the key")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
