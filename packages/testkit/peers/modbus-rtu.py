"""
Units on a serial line for tests. The protocol is Debian's python3-pymodbus, so client and server share no code.

  Install: python3-pymodbus python3-serial
  Start:   /usr/bin/python3 modbus-rtu.py PATH

Prints "ready PATH" once it listens at 19200 baud, 8N1. Units 1 and 2 are there; what is for another is not answered. Holding
registers of unit u at i are i + 1000 * (u - 1), those from 100 on are the float 3.25 (ABCD), input register 7 is 59993. Coils are
all 0. Holding registers and coils are writable. 2,000 of each; anything beyond is exception 2.
"""
import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import ModbusSerialServer

SIZE = 2000


def unit(number):
    registers = [i + 1000 * (number - 1) for i in range(SIZE)]
    registers[100:102] = [0x4050, 0]
    inputs = [60000 - i for i in range(SIZE)]
    # A block begins at 1 in the words of its makers: address 0 of the wire.
    block = lambda values: ModbusSequentialDataBlock(1, values)
    return ModbusSlaveContext(di=block([0] * SIZE), co=block([0] * SIZE), hr=block(registers), ir=block(inputs))


async def main(path):
    context = ModbusServerContext(slaves={1: unit(1), 2: unit(2)}, single=False)
    server = ModbusSerialServer(context, port=path, baudrate=19200, ignore_missing_slaves=True)
    await server.serve_forever(background=True)
    print("ready", path, flush=True)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1]))
