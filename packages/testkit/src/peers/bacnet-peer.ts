/** BACnet peer: a device of our own, since none by other people can be had. What it has is listed in its source. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '../free-port.ts'
import { type Program, startProgram } from '../program.ts'

const SOURCE = fileURLToPath(new URL('../../peers/bacnet-device.py', import.meta.url))
const PYTHON = '/usr/bin/python3'

/** Whether this machine has what it is written in. Tests that need it are skipped where it has not. */
export const hasBacnet = spawnSync(PYTHON, ['--version'], { stdio: 'ignore' }).status === 0

export type BacnetPeer = Program & { port: number }

export async function startBacnet(...kinds: ('plain' | 'small')[]): Promise<BacnetPeer> {
  const port = await freePort()
  return { ...(await startProgram(PYTHON, [SOURCE, String(port), ...kinds], { ready: /^ready/m })), port }
}
