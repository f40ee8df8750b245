/** Modbus RTU peer: units 1 and 2 on a serial line, whose protocol is Debian's pymodbus. Their registers are listed in their source. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { hasSerialPair, openSerialPair } from '../faults/serial-pair.ts'
import { type Program, startProgram } from '../program.ts'

const SOURCE = fileURLToPath(new URL('../../peers/modbus-rtu.py', import.meta.url))
const PYTHON = '/usr/bin/python3'

/** Whether this machine has what it is built of. Tests that need it are skipped where it has not. */
export const hasModbusRtu =
  hasSerialPair && spawnSync(PYTHON, ['-c', 'import pymodbus, serial'], { stdio: 'ignore' }).status === 0

export type ModbusRtuPeer = Program & {
  /** The port to open. */
  path: string
  /** Pulls the plug of the port, and puts it back. */
  pull(): Promise<void>
  plug(): Promise<void>
}

export async function startModbusRtu(): Promise<ModbusRtuPeer> {
  const pair = await openSerialPair()
  const program = await startProgram(PYTHON, [SOURCE, pair.theirs])
  return {
    ...program,
    path: pair.ours,
    async pull() {
      await program.kill()
      await pair.pull()
    },
    async plug() {
      await pair.plug()
      await program.start()
    },
    async [Symbol.asyncDispose]() {
      await program.kill()
      await pair[Symbol.asyncDispose]()
    },
  }
}
