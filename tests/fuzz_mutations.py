"""Ways in which a file goes bad: what disks, lost connections and careless programs do to bytes."""

import random
import struct
import zlib
from collections.abc import Callable, Sequence

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEAD = 400  # bytes in which most formats say what they hold
Mutation = Callable[[bytes, random.Random], bytes]


def mutate(data: bytes, rng: random.Random, more: Sequence[Mutation] = ()) -> tuple[str, bytes]:
    """One way, or seldom two ways, to spoil a file. Returns their names and the new content, which differs."""
    names, spoilt = [], data
    while spoilt == data or rng.random() < 0.15:
        way = rng.choice([*ANY_FILE, *more, *more])
        names.append(way.__name__)
        spoilt = way(spoilt, rng)
    return " + ".join(names), spoilt


def flip_a_bit(data: bytes, rng: random.Random) -> bytes:
    return _flipped(data, rng, 0, len(data))


def flip_a_bit_of_the_head(data: bytes, rng: random.Random) -> bytes:
    return _flipped(data, rng, 0, min(HEAD, len(data)))


def _flipped(data: bytes, rng: random.Random, low: int, high: int) -> bytes:
    changed = bytearray(data)
    if high > low:
        changed[rng.randrange(low, high)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def many_bits(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(2, 40)):
        data = flip_a_bit(data, rng)
    return data


def extreme_number(data: bytes, rng: random.Random) -> bytes:
    """The largest, smallest or an odd number where the file may hold a length or a count."""
    number = rng.choice([b"\xff" * 4, b"\x7f\xff\xff\xff", bytes(4), b"\xff\xff", b"\x80\0\0\0", b"\0\0\0\x01"])
    return _over(data, rng.randrange(max(1, min(HEAD, len(data)))), number)


def zeroed_block(data: bytes, rng: random.Random) -> bytes:
    start, size = _block(data, rng)
    return _over(data, start, bytes(size))


def zeroed_tail(data: bytes, rng: random.Random) -> bytes:
    """A download whose place on disk was reserved and never filled."""
    start = rng.randrange(len(data) + 1)
    return data[:start] + bytes(len(data) - start)


def random_block(data: bytes, rng: random.Random) -> bytes:
    start, size = _block(data, rng)
    return _over(data, start, rng.randbytes(size))


def cut_short(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def last_bytes_lost(data: bytes, rng: random.Random) -> bytes:
    return data[: -rng.randint(1, 16)]


def beginning_lost(data: bytes, rng: random.Random) -> bytes:
    return data[rng.randint(1, 32) :]


def block_lost(data: bytes, rng: random.Random) -> bytes:
    start, size = _block(data, rng)
    return data[:start] + data[start + size :]


def block_twice(data: bytes, rng: random.Random) -> bytes:
    start, size = _block(data, rng)
    return data[: start + size] + data[start:]


def line_ends_changed(data: bytes, rng: random.Random) -> bytes:
    """Sent as text from one system to another."""
    return data.replace(b"\n", b"\r\n") if rng.random() < 0.5 else data.replace(b"\r", b"")


def taken_for_text(data: bytes, rng: random.Random) -> bytes:
    """Opened and saved by an editor."""
    return data.decode("utf-8", "replace").encode()


def something_appended(data: bytes, rng: random.Random) -> bytes:
    return data + rng.choice([rng.randbytes(rng.randint(1, 300)), bytes(512), b"\n", data])


def something_else(data: bytes, rng: random.Random) -> bytes:
    return rng.choice([b"", b"\n", b"<!DOCTYPE html><html>404 Not Found</html>", bytes(len(data)), data[::-1]])


def _block(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, rng.randint(1, max(1, (len(data) - start) // rng.choice([1, 4, 20])))


def _over(data: bytes, start: int, piece: bytes) -> bytes:
    return data[:start] + piece[: len(data) - start] + data[start + len(piece) :]


ANY_FILE: tuple[Mutation, ...] = (
    flip_a_bit, flip_a_bit, flip_a_bit_of_the_head, many_bits, extreme_number, zeroed_block, zeroed_tail,
    random_block, cut_short, last_bytes_lost, beginning_lost, block_lost, block_twice, line_ends_changed,
    taken_for_text, something_appended, something_else,
)  # fmt: skip


# PNG: a change that its checksums do not tell


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and content of each chunk, as far as they are whole; checksums are not looked at."""
    chunks, place = [], len(PNG_SIGNATURE)
    while place + 12 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += 12 + length
    return chunks


def png_of(chunks: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A PNG file of these chunks with right lengths and checksums."""
    return PNG_SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def png_is_sound(data: bytes) -> bool:
    """Whether a PNG ends as it should and the checksum of every chunk that the picture needs is right."""
    if not data.startswith(PNG_SIGNATURE):
        return False
    place = len(PNG_SIGNATURE)
    while place + 12 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, end = data[place + 4 : place + 8], place + 8 + length
        stored = data[end : end + 4]
        if kind[:1].isupper() and struct.pack(">I", zlib.crc32(data[place + 4 : end])) != stored:
            return False
        if kind == b"IEND":
            return True
        place = end + 4
    return False


def chunk_changed(data: bytes, rng: random.Random) -> bytes:
    """Neither size nor colours: what is forged there, with a right checksum, is taken at its word."""
    chunks = png_chunks(data)
    numbers = [number for number, (kind, _) in enumerate(chunks) if kind not in (b"IHDR", b"PLTE")]
    if not numbers:
        return data
    number = rng.choice(numbers)
    kind, content = chunks[number]
    chunks[number] = (kind, rng.choice([flip_a_bit, extreme_number, cut_short])(content, rng))
    return png_of(chunks)


def chunk_lost_or_moved(data: bytes, rng: random.Random) -> bytes:
    chunks = png_chunks(data)
    if not chunks:
        return data
    chunk = chunks.pop(rng.randrange(len(chunks)))
    for _ in range(rng.randrange(3)):
        chunks.insert(rng.randrange(len(chunks) + 1), chunk)
    return png_of(chunks)


def chunk_renamed(data: bytes, rng: random.Random) -> bytes:
    chunks = png_chunks(data)
    if not chunks:
        return data
    number = rng.randrange(len(chunks))
    name = rng.choice([b"IDAT", b"PLTE", b"IEND", b"tRNS", b"acTL", b"iCCP", b"zTXt", b"eXIf", b"ABCD", b"abcd"])
    chunks[number] = (name, chunks[number][1])
    return png_of(chunks)


PNG_FILE: tuple[Mutation, ...] = (chunk_changed, chunk_lost_or_moved, chunk_renamed)
