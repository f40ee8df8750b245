/** Logix peer: a controller of our own, because none by other people is available. Its source lists its tags. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '../free-port.ts'
import { type Program, startProgram } from '../program.ts'

const SOURCE = fileURLToPath(new URL('../../peers/logix-controller.py', import.meta.url))
const PYTHON = '/usr/bin/python3'

/** Whether this machine has the peer's language. Tests that need it are skipped otherwise. */
export const hasLogix = spawnSync(PYTHON, ['--version'], { stdio: 'ignore' }).status === 0

export type LogixPeer = Program & { port: number }

export async function startLogix(...kinds: ('small' | 'plain' | 'pieces' | 'cut')[]): Promise<LogixPeer> {
  const port = await freePort()
  return { ...(await startProgram(PYTHON, [SOURCE, String(port), ...kinds], { ready: /^ready/m })), port }
}
