"""Writes seconds of sound of which no stretch is like another, as a prompt: python3 sound.py FILE SECONDS"""

import sys
import wave


def main(path: str, seconds: str) -> None:
    state, samples = 1, bytearray()
    for _ in range(int(seconds) * 8_000):
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        samples += ((state >> 18) - 8_192).to_bytes(2, "little", signed=True)
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(samples)


if __name__ == "__main__":
    main(*sys.argv[1:])
