"""BACnet device: written from ASHRAE 135 for our tests, since no stack by other people can be had from Debian or npm. Wireshark judges what it says.

    bacnet-device.py PORT [plain] [small]

`plain` has no service for several properties at once, `small` no answer of more than 100 bytes. Every datagram is printed on standard output, as
`I HEX` (in) or `O HEX` (out). OBJECTS lists its objects.
"""

import socket
import struct
import sys

PRESENT, FLAGS, NAME, LIST, ID, PRIORITIES, DESCRIPTION = 85, 111, 77, 76, 75, 87, 28
REAL, DOUBLE, UNSIGNED, SIGNED, ENUMERATED, TEXT = 4, 5, 2, 3, 9, 7

# By kind and number: application tag, value, flags (alarm, fault, overridden, out of service), whether it may be commanded.
OBJECTS = {
    (0, 1): [REAL, 3.25, 0b0000, False],
    (0, 3): [REAL, 59993.0, 0b1000, False],
    (0, 10): [REAL, 1.0, 0b0100, False],
    (0, 11): [REAL, 1.0, 0b0001, False],
    (0, 12): [REAL, 1.0, 0b0010, False],
    (2, 2): [REAL, 30.0, 0, True],
    (5, 1): [ENUMERATED, 1, 0, True],
    (19, 1): [UNSIGNED, 3, 0, True],
    (23, 1): [UNSIGNED, 4000000000, 0, False],
    (40, 1): [TEXT, "Büro 7", 0, True],
    (45, 1): [SIGNED, -70000, 0, True],
    (46, 1): [DOUBLE, 2.5e300, 0, False],
}
DEVICE = (8, 1234)
priorities = {key: {16: None} for key in OBJECTS}


class Refused(Exception):
    pass


def tag(number, is_context, content):
    head = number << 4 | (8 if is_context else 0)
    if len(content) < 5:
        return bytes([head | len(content)]) + content
    return bytes([head | 5, len(content)]) + content


def minimal(value, is_signed=False):
    length = 1
    while True:
        try:
            return value.to_bytes(length, "big", signed=is_signed)
        except OverflowError:
            length += 1


def object_id(key):
    return (key[0] << 22 | key[1]).to_bytes(4, "big")


def application(kind, value):
    if value is None:
        return b"\x00"
    if kind == REAL:
        return tag(REAL, False, struct.pack(">f", value))
    if kind == DOUBLE:
        return tag(DOUBLE, False, struct.pack(">d", value))
    if kind == TEXT:
        return tag(TEXT, False, b"\x00" + value.encode())
    return tag(kind, False, minimal(value, kind == SIGNED))


def parse(kind, content):
    if kind == 0:
        return None
    if kind == REAL:
        return struct.unpack(">f", content)[0]
    if kind == TEXT:
        return content[1:].decode()
    return int.from_bytes(content, "big", signed=kind == SIGNED)


def read_tag(data, at):
    """Number, length or value, and where its content begins. Opening and closing tags have length None."""
    first = data[at]
    number, length = first >> 4, first & 7
    at += 1
    if length >= 6:
        return number, None, at
    if length == 5:
        return number, data[at], at + 1
    return number, length, at


def property_value(key, prop, index):
    if key[0] == 8:
        if prop == ID:
            return tag(12, False, object_id(DEVICE))
        if prop == NAME:
            return application(TEXT, "plant room")
        if prop == LIST:
            everything = [DEVICE, *OBJECTS]
            if index == 0:
                return application(UNSIGNED, len(everything))
            if index is None or index > len(everything):
                raise Refused(2, 42)
            return tag(12, False, object_id(everything[index - 1]))
        raise Refused(2, 32)
    if key not in OBJECTS:
        raise Refused(1, 31)
    kind, value, flags, is_commandable = OBJECTS[key]
    if prop == PRESENT:
        held = [one for _, one in sorted(priorities[key].items()) if one is not None]
        return application(kind, held[0] if held else value)
    if prop == FLAGS:
        return tag(8, False, bytes([4, flags << 4]))
    if prop == NAME:
        return application(TEXT, "object %d of kind %d" % (key[1], key[0]))
    if prop == DESCRIPTION:
        return application(TEXT, "as it was ordered")
    if prop == PRIORITIES and is_commandable and index:
        return application(kind, priorities[key].get(index))
    raise Refused(2, 32)


def key_of(content):
    number = int.from_bytes(content, "big")
    key = number >> 22, number & 0x3FFFFF
    return DEVICE if key == (8, 0x3FFFFF) else key


def read_property(body):
    _, _, at = read_tag(body, 0)
    key, at = key_of(body[at : at + 4]), at + 4
    _, length, at = read_tag(body, at)
    prop, at = int.from_bytes(body[at : at + length], "big"), at + length
    index = None
    if at < len(body):
        _, length, at = read_tag(body, at)
        index = int.from_bytes(body[at : at + length], "big")
    value = property_value(key, prop, index)
    answer = tag(0, True, object_id(key)) + tag(1, True, minimal(prop))
    answer += b"" if index is None else tag(2, True, minimal(index))
    return answer + b"\x3e" + value + b"\x3f"


def read_multiple(body):
    answer, at = b"", 0
    while at < len(body):
        _, _, at = read_tag(body, at)
        key, at = key_of(body[at : at + 4]), at + 5
        answer += tag(0, True, object_id(key)) + b"\x1e"
        while body[at] != 0x1F:
            _, length, at = read_tag(body, at)
            prop, at = int.from_bytes(body[at : at + length], "big"), at + length
            index = None
            if body[at] & 0xF8 == 0x18 and body[at] != 0x1F:
                _, length, at = read_tag(body, at)
                index, at = int.from_bytes(body[at : at + length], "big"), at + length
            answer += tag(2, True, minimal(prop))
            answer += b"" if index is None else tag(3, True, minimal(index))
            try:
                answer += b"\x4e" + property_value(key, prop, index) + b"\x4f"
            except Refused as refused:
                answer += b"\x5e" + b"".join(tag(ENUMERATED, False, minimal(code)) for code in refused.args) + b"\x5f"
        at += 1
        answer += b"\x1f"
    return answer


def write_property(body):
    _, _, at = read_tag(body, 0)
    key, at = key_of(body[at : at + 4]), at + 4
    _, length, at = read_tag(body, at)
    prop, at = int.from_bytes(body[at : at + length], "big"), at + length
    kind, length, at = read_tag(body, at + 1)
    value, at = parse(kind, body[at : at + length]), at + length + 1
    priority = 16
    if at < len(body):
        _, length, at = read_tag(body, at)
        priority = int.from_bytes(body[at : at + length], "big")
    if key not in OBJECTS:
        raise Refused(1, 31)
    wanted, _, _, is_commandable = OBJECTS[key]
    if prop != PRESENT or not is_commandable:
        raise Refused(2, 40)
    if value is not None and kind != wanted:
        raise Refused(2, 9)
    if wanted == UNSIGNED and value is not None and value > 5:
        raise Refused(2, 37)
    priorities[key][priority] = value


def answer_to(apdu, options):
    invoke, service, body = apdu[2], apdu[3], apdu[4:]
    try:
        if service == 15:
            write_property(body)
            return bytes([0x20, invoke, service])
        if service == 14 and "plain" not in options:
            answer = read_multiple(body)
        elif service == 12:
            answer = read_property(body)
        else:
            return bytes([0x60, invoke, 9])
        if "small" in options and len(answer) > 100:
            return bytes([0x71, invoke, 4])
        return bytes([0x30, invoke, service]) + answer
    except Refused as refused:
        return bytes([0x50, invoke, service]) + b"".join(tag(ENUMERATED, False, minimal(code)) for code in refused.args)


def main(port, options):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", port))
    print("ready", flush=True)
    while True:
        data, sender = server.recvfrom(2000)
        print("I", data.hex(), flush=True)
        # [135, J.2] An original unicast; [6.2] without a network in its address; [20.1.2] a confirmed request.
        if data[:2] != b"\x81\x0a" or data[4] != 1 or data[5] & 0x20 or data[6] >> 4 != 0:
            continue
        answer = b"\x01\x00" + answer_to(data[6:], options)
        answer = b"\x81\x0a" + struct.pack(">H", len(answer) + 4) + answer
        print("O", answer.hex(), flush=True)
        server.sendto(answer, sender)


main(int(sys.argv[1]), sys.argv[2:])
