"""
A Modbus TCP client for tests: says what stands in the registers that a test has written. The protocol, and what the registers mean, is Debian's
python3-pymodbus, so who wrote and who reads share no code.

  Install: python3-pymodbus
  Start:   /usr/bin/python3 modbus-reader.py PORT

Prints one line of JSON: of the holding registers from 500 on, and of coil 12.
"""
import json
import sys

from pymodbus.client import ModbusTcpClient

client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), timeout=60)
client.connect()
words = client.read_holding_registers(500, count=12).registers


def number(address, kind, word_order="big"):
    count = client.DATATYPE[kind].value[1]
    return client.convert_from_registers(words[address - 500 :][:count], client.DATATYPE[kind], word_order=word_order)


said = {
    "setpoint": number(500, "INT16"),
    "flow": number(502, "FLOAT32", "little"),
    "total": number(504, "UINT64"),
    "lamp": client.read_coils(12, count=1).bits[0],
    "word": number(510, "UINT16"),
    "mode": number(511, "UINT16"),
}
client.close()
print(json.dumps(said))
