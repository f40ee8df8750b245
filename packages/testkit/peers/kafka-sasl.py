"""SASL before a Kafka broker that has none: answers handshake and authentication by Debian's python3-scramp, and hands the rest to the broker.

Start: kafka-sasl.py PORT BROKER USER PASSWORD    says "ready"; connections that are not who they should be are told so, and ended.
[kafka.apache.org, protocol: SaslHandshake 1, SaslAuthenticate 2] [RFC 4616, 5802]
"""
import asyncio
import struct
import sys

from scramp import ScramException, ScramMechanism

PORT, BROKER, USER, PASSWORD = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
HANDSHAKE, VERSIONS, AUTHENTICATE = 17, 18, 36
DENIED = 58
SCRAM = {"SCRAM-SHA-256", "SCRAM-SHA-512"}


async def frame(reader):
    (length,) = struct.unpack(">i", await reader.readexactly(4))
    return await reader.readexactly(length)


def framed(body):
    return struct.pack(">i", len(body)) + body


def varint(number):
    return bytes([number & 0x7F | 0x80, number >> 7]) if number > 127 else bytes([number])


def compact(data):
    return varint(len(data) + 1) + data


def read_compact(body, at):
    length, shift = 0, 0
    while True:
        byte = body[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return body[at : at + length - 1]


def parts(body):
    key, _version, correlation, length = struct.unpack(">hhih", body[:10])
    return key, body[4:8], body[10 + max(length, 0) :]


class Judge:
    """One exchange: what is said to what the client says, or an exception where it is not who it should be."""

    def __init__(self, mechanism):
        self.plain = mechanism == "PLAIN"
        self.step = 0
        if not self.plain:
            scram = ScramMechanism(mechanism)
            salt, stored, server, count = scram.make_auth_info(PASSWORD, iteration_count=4096)
            find = lambda user: (salt, stored, server, count) if user == USER else scram.make_auth_info("?")
            self.server = scram.make_server(find)

    def answer(self, said):
        if self.plain:
            if said != b"\0" + USER.encode() + b"\0" + PASSWORD.encode():
                raise ScramException("no such user or password")
            return b"", True
        self.step += 1
        if self.step == 1:
            self.server.set_client_first(said.decode())
            return self.server.get_server_first().encode(), False
        self.server.set_client_final(said.decode())
        return self.server.get_server_final().encode(), True


async def admit(reader, writer, broker_reader, broker_writer):
    judge = None
    while True:
        body = await frame(reader)
        key, correlation, rest = parts(body)
        if key == VERSIONS:
            broker_writer.write(framed(body))
            writer.write(framed(await frame(broker_reader)))
        elif key == HANDSHAKE:
            mechanism = rest[2:].decode()
            judge = Judge(mechanism)
            name = mechanism.encode()
            writer.write(framed(correlation + struct.pack(">hih", 0, 1, len(name)) + name))
        elif key == AUTHENTICATE and judge:
            try:
                said, is_over = judge.answer(read_compact(rest, 1))
            except ScramException as refusal:
                text = compact(str(refusal).encode()[:100])
                writer.write(framed(correlation + b"\0" + struct.pack(">h", DENIED) + text + compact(b"") + bytes(9)))
                await writer.drain()
                raise
            writer.write(framed(correlation + b"\0" + struct.pack(">h", 0) + b"\0" + compact(said) + bytes(9)))
            if is_over:
                return
        else:
            raise ScramException("nobody said who they are")


async def pass_on(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def serve(reader, writer):
    broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", BROKER)
    try:
        await admit(reader, writer, broker_reader, broker_writer)
        ways = [pass_on(reader, broker_writer), pass_on(broker_reader, writer)]
        await asyncio.wait([asyncio.ensure_future(way) for way in ways], return_when=asyncio.FIRST_COMPLETED)
    except (asyncio.IncompleteReadError, ConnectionError, ScramException):
        pass
    finally:
        writer.close()
        broker_writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT)
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main())
