/** Serial pair: two ports of this machine that are one line, made by socat. What is written to one is read from the other; a baud rate they have not. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../until.ts'

/** Whether this machine has what it is built of. Tests that need it are skipped where it has not. */
export const hasSerialPair = spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0

export type SerialPair = AsyncDisposable & {
  /** Of the equipment, and of whoever reads it. */
  theirs: string
  ours: string
  /** Pulls the plug: both ports are gone. */
  pull(): Promise<void>
  /** The same paths, again. */
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
