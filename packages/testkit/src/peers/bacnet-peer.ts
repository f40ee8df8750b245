/** BACnet peer: a device of our own, because none by other people is available. Its source lists its objects. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '../free-port.ts'
import { type Program, startProgram } from '../program.ts'

const SOURCE = fileURLToPath(new URL('../../peers/bacnet-device.py', import.meta.url))
const PYTHON = '/usr/bin/python3'

/** Whether this machine has the peer's language. Tests that need it are skipped otherwise. */
export const hasBacnet = spawnSync(PYTHON, ['--version'], { stdio: 'ignore' }).status === 0

export type BacnetPeer = Program & { port: number }

export async function startBacnet(...kinds: ('plain' | 'small')[]): Promise<BacnetPeer> {
  const port = await freePort()
  return { ...(await startProgram(PYTHON, [SOURCE, String(port), ...kinds], { ready: /^ready/m })), port }
}
