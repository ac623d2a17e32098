"""Captures for tests: pcap read, changed and written, packet by packet, without a library."""
import struct


def read_pcap(path):
    """The file's header and its packets: (seconds, microseconds, octets)."""
    with open(path, "rb") as file:
        content = file.read()
    assert content[:4] == b"\xd4\xc3\xb2\xa1", path
    at, packets = 24, []
    while at < len(content):
        seconds, fraction, captured, _ = struct.unpack_from("<IIII", content, at)
        packets.append((seconds, fraction, content[at + 16:at + 16 + captured]))
        at += 16 + captured
    return content[:24], packets


def write_pcap(path, header, packets, snap_octets=1 << 18):
    with open(path, "wb") as file:
        file.write(header)
        for seconds, fraction, octets in packets:
            kept = octets[:snap_octets]
            file.write(struct.pack("<IIII", seconds, fraction, len(kept), len(octets)) + kept)


def write_pcapng(path, interfaces, packets, dropped=()):
    """Ethernet packets of several interfaces: (seconds, microseconds, interface, octets).  DROPPED:
    (interface, packets), as its statistics say at the end."""
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))
    with open(path, "wb") as file:
        file.write(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", 1, 0, 0)) * interfaces)
        for seconds, fraction, interface, octets in packets:
            ticks = seconds * 1000000 + fraction
            head = struct.pack("<IIIII", interface, ticks >> 32, ticks & 0xffffffff, len(octets),
                               len(octets))
            file.write(block(6, head + octets))
        for interface, count in dropped:
            file.write(block(5, struct.pack("<IIIHHQI", interface, 0, 0, 7, 8, count, 0)))


def read_pcapng(path):
    """What plait wrote: the names of its interfaces, and (seconds, microseconds, interface, octets)
    of its Ethernet packets, whose times have nanoseconds."""
    with open(path, "rb") as file:
        content = file.read()
    at, names, packets = 0, [], []
    while at < len(content):
        kind, length = struct.unpack_from(">II", content, at)
        body = content[at + 8:at + length - 4]
        if kind == 1:
            code, size = struct.unpack_from(">HH", body, 8)
            assert code == 2, "an interface without a name"
            names.append(body[12:12 + size].decode())
        elif kind == 6:
            interface, high, low, captured, _ = struct.unpack_from(">IIIII", body)
            us = (high << 32 | low) // 1000
            packets.append((us // 1000000, us % 1000000, interface, body[20:20 + captured]))
        at += length
    return names, packets


def later(packets, seconds):
    return [(s + seconds, us, octets) for s, us, octets in packets]


def addresses(octets):
    """Source and destination of an IPv4 packet in an Ethernet frame, or None."""
    return (octets[26:30], octets[30:34]) if octets[12:14] == b"\x08\x00" else None


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def readdressed(frame, old, new):
    """An IPv4 packet in an Ethernet frame as a NAT that is a router leaves it."""
    header = bytearray(frame[14:34].replace(old, new))
    header[8] -= 1
    header[10:12] = b"\0\0"
    header[10:12] = struct.pack("!H", checksum(bytes(header)))
    return mend(frame[:14] + bytes(header) + frame[34:])


def mend(frame):
    """The TCP checksum of an IPv4 packet in an Ethernet frame, anew."""
    header = 14 + (frame[14] & 15) * 4
    length = struct.unpack_from("!H", frame, 16)[0] - (header - 14)
    segment = bytearray(frame[header:header + length])
    segment[16:18] = b"\0\0"
    pseudo = frame[26:34] + struct.pack("!HH", 6, length)
    segment[16:18] = struct.pack("!H", checksum(pseudo + bytes(segment)))
    return frame[:header] + bytes(segment) + frame[header + length:]


def without_mptcp(frame):
    """Options of kind 30 become NOPs."""
    header = 14 + (frame[14] & 15) * 4
    end = header + (frame[header + 12] >> 4) * 4
    changed, at = bytearray(frame), header + 20
    while at < end and changed[at]:
        length = 1 if changed[at] == 1 else changed[at + 1]
        if changed[at] == 30:
            changed[at:at + length] = b"\1" * length
        at += length
    return mend(bytes(changed))
