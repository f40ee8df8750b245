/**
 * Serial pair: two ports of this machine that are one line, made by socat. Bytes written to one are read from the
 * other; they have no baud rate.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../until.ts'

/** Whether this machine has socat. Tests that need it are skipped otherwise. */
export const hasSerialPair = spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0

export type SerialPair = AsyncDisposable & {
  /** The port of the equipment, and the port of its reader. */
  theirs: string
  ours: string
  /** Pulls the plug: both ports are gone. */
  pull(): Promise<void>
  /** Makes the line again, with the same paths. */
  plug(): Promise<void>
}

export async function openSerialPair(): Promise<SerialPair> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-serial-'))
  const theirs = join(folder, 'theirs')
  const ours = join(folder, 'ours')
  let socat: ChildProcess | undefined
  const pair: SerialPair = {
    theirs,
    ours,
    async plug() {
      socat = spawn(
        'socat',
        [theirs, ours].map((link) => `pty,raw,echo=0,link=${link}`),
        { stdio: 'ignore' },
      )
      await until(() => existsSync(theirs) && existsSync(ours), { what: 'socat to make both ports' })
    },
    async pull() {
      if (!socat || socat.exitCode !== null || socat.signalCode !== null) return
      const ended = once(socat, 'exit')
      socat.kill('SIGTERM')
      await ended
    },
    async [Symbol.asyncDispose]() {
      await pair.pull()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await pair.plug()
  return pair
}
