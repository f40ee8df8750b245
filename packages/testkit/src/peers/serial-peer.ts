/** Serial peer: an instrument that speaks lines of text over Debian's python3-serial. What it says is listed in its source. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { hasSerialPair, openSerialPair } from '../faults/serial-pair.ts'
import { type Program, startProgram } from '../program.ts'

const SOURCE = fileURLToPath(new URL('../../peers/serial-instrument.py', import.meta.url))
const PYTHON = '/usr/bin/python3'

/** Whether this machine has what it is built of. Tests that need it are skipped where it has not. */
export const hasSerial = hasSerialPair && spawnSync(PYTHON, ['-c', 'import serial'], { stdio: 'ignore' }).status === 0

export type SerialPeer = Program & { path: string }

export async function startSerial(): Promise<SerialPeer> {
  const pair = await openSerialPair()
  const program = await startProgram(PYTHON, [SOURCE, pair.theirs])
  return {
    ...program,
    path: pair.ours,
    async [Symbol.asyncDispose]() {
      await program.kill()
      await pair[Symbol.asyncDispose]()
    },
  }
}
