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


def write_pcap(path, header, packets):
    with open(path, "wb") as file:
        file.write(header)
        for seconds, fraction, octets in packets:
            file.write(struct.pack("<IIII", seconds, fraction, len(octets), len(octets)) + octets)


def write_pcapng(path, interfaces, packets):
    """Ethernet packets of several interfaces: (seconds, microseconds, interface, octets)."""
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
