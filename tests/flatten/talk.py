"""Multipath talks as captures: who sends which octets on which path is the test's choice."""
import hashlib
import hmac
import socket
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
KEYS = (bytes(range(8)), bytes(range(8, 16)))
PORT = 8081
OFFSET_S = 1_700_000_000


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(src, dst, sport, dport, seq, ack, flags, options=b"", payload=b""):
    options += b"\1" * (-len(options) % 4)
    head = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff,
                       (20 + len(options)) // 4 << 4, flags, 60000, 0, 0)
    segment = head + options + payload
    ends = socket.inet_aton(src) + socket.inet_aton(dst)
    total = checksum(ends + struct.pack("!HH", 6, len(segment)) + segment)
    segment = segment[:16] + struct.pack("!H", total) + segment[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 1, 0x4000, 64, 6, 0) + ends
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + segment


def token(end):
    return hashlib.sha256(KEYS[end]).digest()[:4]


def dsn(end, offset):
    first = struct.unpack("!Q", hashlib.sha256(KEYS[end]).digest()[-8:])[0] + 1
    return first + offset & 0xffffffffffffffff


def proof(end, own, peer):
    return hmac.new(KEYS[end] + KEYS[not end], own + peer, hashlib.sha256).digest()


class Talk:
    """Packets of one connection, 1 ms apart: (path, nanoseconds, IP packet)."""

    def __init__(self):
        self.packets, self.now_ns = [], OFFSET_S * 10**9
        self.next = {}

    def hosts(self, path):
        return (f"198.18.{path}.1", f"198.19.{path}.1")

    def say(self, path, end, flags, options=b"", payload=b"", seq=None):
        """Numbers advance by what is sent, unless SEQ says another place."""
        src, dst = self.hosts(path)[end], self.hosts(path)[not end]
        ports = (40000 + path, PORT) if end == 0 else (PORT, 40000 + path)
        own, peer = (path, end), (path, not end)
        self.next.setdefault(own, 1000 * (path + 1) + 500 * end)
        at = self.next[own] if seq is None else seq
        ack = self.next.get(peer, 0) if flags & ACK else 0
        self.packets.append((path, self.now_ns,
                             packet(src, dst, *ports, at, ack, flags, options, payload)))
        if seq is None:
            self.next[own] += len(payload) + bool(flags & (SYN | FIN))
        self.now_ns += 10**6

    def hello(self):
        def capable(keys, length):
            return struct.pack("!BBBB", 30, length, 1, 1) + keys
        mss = struct.pack("!BBH", 2, 4, 1460) + b"\3\3\7\1"
        self.say(0, 0, SYN, mss + capable(b"", 4))
        self.say(0, 1, SYN | ACK, mss + capable(KEYS[1], 12))
        self.say(0, 0, ACK, capable(KEYS[0] + KEYS[1], 20))
        self.data_ack(0, 1, 0)

    def join(self, path):
        nonces = (b"own!", b"peer")
        self.say(path, 0, SYN, struct.pack("!BBBB", 30, 12, 0x10, path) + token(1) + nonces[0])
        self.say(path, 1, SYN | ACK, struct.pack("!BBBB", 30, 16, 0x10, path) +
                 proof(1, nonces[1], nonces[0])[:8] + nonces[1])
        self.say(path, 0, ACK, struct.pack("!BBBB", 30, 24, 0x10, 0) +
                 proof(0, nonces[0], nonces[1])[:20])
        self.data_ack(path, 1, 0)

    def data(self, path, end, offset, payload, fin=False):
        """A mapping of its own for each segment; the subflow's numbers count from its SYN."""
        isn = 1000 * (path + 1) + 500 * end
        relative = self.next[path, end] - isn if payload else 0
        length = len(payload) + fin
        option = struct.pack("!BBBBQIH", 30, 18, 0x20, 0x0c | (0x10 if fin else 0),
                             dsn(end, offset), relative, length)
        self.say(path, end, ACK | PSH, option, payload)

    def data_ack(self, path, end, offset):
        self.say(path, end, ACK,
                 struct.pack("!BBBBQ", 30, 12, 0x20, 3, dsn(not end, offset)))

    def close(self, lengths):
        for end in (0, 1):
            self.data(0, end, lengths[end], b"", fin=True)
            self.data_ack(0, not end, lengths[end] + 1)

    def write(self, name, wanted=lambda path, end: True, shift_ns=0):
        """Those packets that WANTED says, by path and by who sent them."""
        with open(name, "wb") as file:
            file.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 101))
            for path, at_ns, octets in self.packets:
                end = 0 if octets[13] == 18 else 1
                if wanted(path, end):
                    seconds, ns = divmod(at_ns + shift_ns, 10**9)
                    file.write(struct.pack("<IIII", seconds, ns, len(octets), len(octets)) + octets)
        return name


def two_paths():
    talk = Talk()
    talk.hello()
    talk.join(1)
    return talk
