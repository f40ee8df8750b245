"""Logix controller: written for our tests from the CIP Networks Library, volumes 1 (CIP) and 2 (EtherNet/IP), and Rockwell's 1756-PM020, since none by
other people can be had from Debian or npm. Wireshark judges what it says.

    logix-controller.py PORT [small] [plain] [pieces] [cut]

`small` takes no Large_Forward_Open, `plain` no several services at once, `pieces` sends each answer in two, and `cut` ends the tenth answer over a
connection before its items. Bytes over connections are printed on standard output: `I HEX` (in) or `O HEX` (out), and `PROBLEM ...` if the other
side breaks the protocol. TAGS lists its tags.
"""

import os
import socket
import socketserver
import struct
import sys
import threading
import time

BOOL, SINT, INT, DINT, LINT, USINT, REAL, LREAL, DWORD, STRUCT = 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xCA, 0xCB, 0xD3, 0x02A0
# [1, C-5] How each is packed.
CODES = {BOOL: "B", SINT: "b", INT: "h", DINT: "i", LINT: "q", USINT: "B", REAL: "f", LREAL: "d", DWORD: "I"}
STRING, MOTOR = 0x0FCE, 0x5A17


def text(words):
    return struct.pack("<I", len(words)) + words.encode("latin-1").ljust(84, b"\0")


# By name: type, handle of a structure, elements as bytes, dimensions.
def tag(kind, *values, dimensions=None, handle=None):
    elements = [value if isinstance(value, bytes) else struct.pack("<" + CODES[kind], value) for value in values]
    return {"type": kind, "handle": handle, "elements": elements, "dimensions": dimensions or []}


TAGS = {
    "Steady": tag(REAL, 3.25),
    "Setpoint": tag(INT, 300),
    "Sensor": tag(DINT, 59993),
    "Running": tag(BOOL, 1),
    "Small": tag(SINT, -7),
    "Byte": tag(USINT, 200),
    "Large": tag(LINT, 2**53 + 2),
    "Exact": tag(LREAL, 1e100),
    "Order": tag(STRUCT, text("HELLO"), handle=STRING),
    "Motor": tag(STRUCT, b"\1\2\3\4", handle=MOTOR),
    "Recipe": tag(STRUCT, bytes(60000), handle=MOTOR),
    "Motor.Speed": tag(DINT, 1450),
    "Status": tag(DINT, 0x24),
    "Alarms": tag(DWORD, 0, 0x10, dimensions=[2]),
    "Curve": tag(REAL, *[index / 2 for index in range(3000)], dimensions=[3000]),
    "Matrix": tag(INT, *range(6), dimensions=[2, 3]),
    "Names": tag(STRUCT, *[text("name %d" % index) for index in range(60)], dimensions=[60], handle=STRING),
    "Fixed": tag(DINT, 5),
    "Program:Main.Count": tag(DINT, 77),
    **{"Point%03d" % index: tag(DINT, index) for index in range(300)},
}
READ_ONLY = {"Fixed"}
LIMIT = 4000
options = set(sys.argv[2:])
lock = threading.Lock()


class Refused(Exception):
    """Status, and what it says more."""


def log(kind, data):
    with lock:
        print(kind, data.hex() if isinstance(data, bytes) else data, flush=True)


def problem(words):
    log("PROBLEM", words)


# [1, C-1.4] Path segments: names, elements, classes and instances.
def parse_path(path):
    steps, at = [], 0
    while at < len(path):
        kind = path[at]
        if kind == 0x91:
            length = path[at + 1]
            steps.append(("name", path[at + 2 : at + 2 + length].decode("latin-1")))
            at += 2 + length + length % 2
        elif kind in (0x28, 0x20, 0x24, 0x30):
            steps.append(({0x28: "element", 0x20: "class", 0x24: "instance", 0x30: "attribute"}[kind], path[at + 1]))
            at += 2
        elif kind in (0x29, 0x25):
            steps.append(({0x29: "element", 0x25: "instance"}[kind], struct.unpack_from("<H", path, at + 2)[0]))
            at += 4
        elif kind in (0x2A, 0x26):
            steps.append(({0x2A: "element", 0x26: "instance"}[kind], struct.unpack_from("<I", path, at + 2)[0]))
            at += 6
        else:
            raise Refused(0x04)
    return steps


def find(steps):
    """The tag and the place of its element. [PM020, chapter 1: 0x05 where there is no such tag]"""
    name = ".".join(value for kind, value in steps if kind == "name")
    places = [value for kind, value in steps if kind == "element"]
    if name not in TAGS:
        raise Refused(0x05)
    found, at = TAGS[name], 0
    if places and len(places) != len(found["dimensions"]):
        raise Refused(0xFF, 0x2104)
    for place, size in zip(places, found["dimensions"]):
        if place >= size:
            raise Refused(0xFF, 0x2105)
        at = at * size + place
    return name, found, at


def type_bytes(found):
    return struct.pack("<H", found["type"]) + (struct.pack("<H", found["handle"]) if found["handle"] else b"")


def read(steps, count, start, room):
    """[PM020, Read Tag, Read Tag Fragmented] As much as there is room for, in whole elements where one has it; 0x06 where there is more."""
    _, found, at = find(steps)
    if at + count > len(found["elements"]):
        raise Refused(0xFF, 0x2105)
    size = len(found["elements"][0])
    data = b"".join(found["elements"][at : at + count])[start:]
    head = type_bytes(found)
    fitting = max(0, room - 4 - len(head)) // 4 * 4
    fitting = fitting // size * size or fitting
    return (0 if len(data) <= fitting else 0x06), head + data[:fitting]


def write(steps, data):
    """[PM020, Write Tag] The type has to be the tag's."""
    name, found, at = find(steps)
    head = type_bytes(found)
    if name in READ_ONLY:
        raise Refused(0x0F)
    if data[: len(head)] != head:
        raise Refused(0xFF, 0x2107)
    count = struct.unpack_from("<H", data, len(head))[0]
    content = data[len(head) + 2 :]
    size = len(found["elements"][0])
    if at + count > len(found["elements"]):
        raise Refused(0xFF, 0x2105)
    if count < 1 or len(content) != count * size:
        raise Refused(0x13)
    found["elements"][at : at + count] = [content[size * index : size * (index + 1)] for index in range(count)]


def modify(steps, data):
    """[PM020, Read Modify Write Tag] The bits to set, and the bits to keep."""
    _, found, at = find(steps)
    size = struct.unpack_from("<H", data)[0]
    held = found["elements"][at]
    if size not in (1, 2, 4, 8, 12) or size > len(held):
        raise Refused(0x03)
    if len(data) != 2 + 2 * size:
        raise Refused(0x13)
    setting, keeping = data[2 : 2 + size], data[2 + size :]
    found["elements"][at] = bytes((old | on) & keep for old, on, keep in zip(held, setting, keeping)) + held[size:]


def symbols(program):
    """Instance, name and symbol type of each; members of structures are none. [PM020, chapter 2: bits of the symbol type]"""
    listed = [] if program else [("Program:Main", 0x1068, []), ("__hidden", 0x10C4, [])]
    for name, found in TAGS.items():
        scope, _, rest = name.rpartition(".")
        if scope != program:
            continue
        kind = found["type"] if found["handle"] is None else 0x8000 | (0xFCE if found["handle"] == STRING else 0x123)
        listed.append((rest, kind | len(found["dimensions"]) << 13, found["dimensions"]))
    # Instances have gaps.
    return [(2 + 3 * index, *one) for index, one in enumerate(listed)]


def list_symbols(steps, data, room):
    program = next((value for kind, value in steps if kind == "name"), "")
    start = next(value for kind, value in steps if kind == "instance")
    if struct.unpack("<HHHH", data) != (3, 1, 2, 8):
        raise Refused(0x09)
    answer = b""
    for instance, name, kind, dimensions in symbols(program):
        if instance < start:
            continue
        sizes = (dimensions + [0, 0, 0])[:3]
        entry = struct.pack("<IH", instance, len(name)) + name.encode() + struct.pack("<HIII", kind, *sizes)
        if len(answer) + len(entry) + 4 > room:
            return 0x06, answer
        answer += entry
    return 0, answer


def several(data, room):
    """[1, A-4.10] Each request judged by itself; 0x1E where one of them failed."""
    count = struct.unpack_from("<H", data)[0]
    places = list(struct.unpack_from("<%dH" % count, data, 2))
    left = room - 4 - 2 - 2 * count
    answers = []
    for place, end in zip(places, places[1:] + [len(data)]):
        # Room for those that follow to say at least that they have none: head and type.
        answers.append(answer_to(data[place:end], left - 8 * (count - len(answers) - 1)))
        left -= len(answers[-1])
    at = 2 + 2 * count
    answer = struct.pack("<H", count)
    for one in answers:
        answer += struct.pack("<H", at)
        at += len(one)
    return (0x1E if any(one[2] for one in answers) else 0), answer + b"".join(answers)


def answer_to(message, room):
    """[1, 2-4] A request to an object, and the reply: service, status, what it says more, data."""
    service, words = message[0], message[1]
    data = message[2 + 2 * words :]
    status, more, answer = 0, b"", b""
    try:
        steps = parse_path(message[2 : 2 + 2 * words])
        if service == 0x4C:
            status, answer = read(steps, struct.unpack("<H", data)[0], 0, room)
        elif service == 0x52:
            status, answer = read(steps, *struct.unpack("<HI", data), room)
        elif service == 0x4D:
            write(steps, data)
        elif service == 0x4E:
            modify(steps, data)
        elif service == 0x55:
            status, answer = list_symbols(steps, data, room)
        elif service == 0x0A and "plain" not in options:
            status, answer = several(data, room)
        elif service == 0x0E:
            answer = struct.pack("<H", 1)
        else:
            status = 0x08
    except Refused as refused:
        status, answer = refused.args[0], b""
        more = b"".join(struct.pack("<H", word) for word in refused.args[1:])
    return bytes([service | 0x80, 0, status, len(more) // 2]) + more + answer


class Session(socketserver.BaseRequestHandler):
    """[2, 2-3] One connection of TCP: a session, and the CIP connections that were opened in it."""

    def setup(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.session, self.opened, self.answers = 0, {}, 0

    def handle(self):
        rest = b""
        while True:
            try:
                data = self.request.recv(65536)
            except OSError:
                return
            if not data:
                return
            rest += data
            while len(rest) >= 24 and len(rest) >= 24 + struct.unpack_from("<H", rest, 2)[0]:
                length = 24 + struct.unpack_from("<H", rest, 2)[0]
                log("I", rest[:length])
                if not self.hear(rest[:length]):
                    return
                rest = rest[length:]

    def say(self, command, data, status=0):
        frame = struct.pack("<HHII8sI", command, len(data), self.session, status, b"", 0) + data
        log("O", frame)
        if "pieces" in options:
            self.request.sendall(frame[:30])
            time.sleep(0.002)
            frame = frame[30:]
        self.request.sendall(frame)

    def hear(self, frame):
        command, _, session, status, _, flags = struct.unpack_from("<HHII8sI", frame)
        data = frame[24:]
        if status or flags:
            problem("a request with a status or options")
        if command == 0x63:
            # [2, 2-4.2] Its identity; the address is in the form of sockets.
            name = b"1756-L61/B LOGIX5561"
            place = struct.pack(">HH4s8s", 2, 44818, socket.inet_aton("127.0.0.1"), b"")
            what = struct.pack("<HHHBBHI", 1, 14, 55, 20, 11, 0x3160, 0xDEADBEEF) + bytes([len(name)]) + name + b"\3"
            item = struct.pack("<H", 1) + place + what
            self.say(command, struct.pack("<HHH", 1, 0x0C, len(item)) + item)
            return True
        if command == 0x65:
            # [2-4.4] Version 1, no options.
            if data != b"\1\0\0\0":
                problem("a session of another version")
            self.session = int.from_bytes(os.urandom(4), "little") | 1
            self.say(command, data)
            return True
        if session != self.session or not session:
            self.say(command, b"", 0x64)
            return True
        if command == 0x66:
            return False
        items = self.items(data)
        if command == 0x6F:
            # [2, 2-4.7] An address of none, and an unconnected message.
            message = items[0xB2]
            answer = self.manage(message)
            self.say(command, data[:6] + struct.pack("<HHHHH", 2, 0, 0, 0xB2, len(answer)) + answer)
        elif command == 0x70:
            self.over_connection(data[:6], items)
        else:
            self.say(command, b"", 1)
        return True

    def items(self, data):
        # [2, 2-6] The common packet format.
        count, at, items = struct.unpack_from("<H", data, 6)[0], 8, {}
        for _ in range(count):
            kind, length = struct.unpack_from("<HH", data, at)
            items[kind] = data[at + 4 : at + 4 + length]
            at += 4 + length
        if at != len(data):
            problem("items that are not all of it")
        return items

    def over_connection(self, head, items):
        number = struct.unpack("<I", items[0xA1])[0]
        if number not in self.opened:
            problem("a message over no connection")
            return
        opened, content = self.opened[number], items[0xB1]
        now = time.monotonic()
        if now - opened["heard"] > opened["patience"]:
            # [1, 3-4.5.2] It ended when nobody asked for too long: nobody answers.
            del self.opened[number]
            problem("a connection that was left alone for too long")
            return
        opened["heard"] = now
        if len(content) > opened["bytes"]:
            problem("a message of %d bytes over a connection of %d" % (len(content), opened["bytes"]))
        answer = answer_to(content[2:], opened["bytes"] - 2)
        if len(answer) + 2 > opened["bytes"]:
            problem("an answer that is too long")
        self.answers += 1
        address = struct.pack("<HHI", 0xA1, 4, opened["to_them"])
        content = struct.pack("<HH", 0xB1, len(answer) + 2) + content[:2] + answer
        if "cut" in options and self.answers == 10:
            content = content[:-3]
        self.say(0x70, head + struct.pack("<H", 2) + address + content)

    def manage(self, message):
        """[1, 3-5.5] Services of the connection manager."""
        service, words = message[0], message[1]
        data = message[2 + 2 * words :]
        if message[2 : 2 + 2 * words] != b"\x20\x06\x24\x01":
            problem("an unconnected message to another object")
        if service == 0x4E:
            # Forward_Close of the connection's own originator.
            name = data[2:10]
            for number in [number for number, opened in self.opened.items() if opened["name"] == name]:
                del self.opened[number]
            return bytes([0xCE, 0, 0, 0]) + name + b"\0\0"
        if service not in (0x54, 0x5B) or (service == 0x5B and "small" in options):
            return bytes([service | 0x80, 0, 0x08, 0])
        size = 4 if service == 0x5B else 2
        _, _, _, to_them = struct.unpack_from("<BBII", data)
        name, multiplier = data[10:18], data[18]
        interval = struct.unpack_from("<I", data, 22)[0]
        parameters = int.from_bytes(data[26 : 26 + size], "little")
        back = int.from_bytes(data[30 + size : 30 + 2 * size], "little")
        at = 30 + 2 * size
        trigger, words, path = data[at], data[at + 1], data[at + 2 :]
        total = parameters & (0xFFFF if size == 4 else 0x1FF)
        if trigger != 0xA3 or 2 * words != len(path) or parameters != back:
            problem("a connection of another kind")
        if path != b"\x01\x00\x20\x02\x24\x01":
            # [1, 3-5.6] No such slot.
            return bytes([service | 0x80, 0, 0x01, 1]) + struct.pack("<H", 0x0312) + name + bytes([words, 0])
        if total > LIMIT:
            return bytes([service | 0x80, 0, 0x01, 1]) + struct.pack("<H", 0x0109) + name + bytes([words, 0])
        number = int.from_bytes(os.urandom(4), "little")
        patience = interval / 1e6 * (4 << multiplier)
        self.opened[number] = {"to_them": to_them, "name": name, "bytes": total, "patience": patience, "heard": time.monotonic()}
        return bytes([service | 0x80, 0, 0, 0]) + struct.pack("<II", number, to_them) + name + struct.pack("<II", interval, interval) + b"\0\0"


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("127.0.0.1", int(sys.argv[1])), Session) as server:
    print("ready", flush=True)
    server.serve_forever()
