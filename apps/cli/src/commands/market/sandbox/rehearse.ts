/**
 * Rehearse: runs a listing in processes of their own: once from beginning to end, once until it is killed in its middle,
 * and once more. On Linux, the processes have no network.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Rehearsed } from '@skerry/core/market/checks/check-behaviour'
import { childEnvironment, untilLargerThan, untilTimeSpent } from '@skerry/inference/seat/limited-child'
import { ORDER_FILE, RESULT_FILE, type RehearsalOrder, RUNNING } from './rehearsal-order.ts'

/** A rehearsal that takes longer says that the sample is too long. Waiting for a busy processor does not count. */
const RUN_MS_MAX = 120_000

/** A listing may take this much more than it declares, so that the excess is measured. Then its process ends. */
const EXCESS_BYTES = 1024 ** 3

/** A listing that declares no memory. */
const UNDECLARED_BYTES = 512 * 1024 ** 2

const CHILD = new URL(`./rehearse-child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

export type RehearsalTask = {
  order: Omit<RehearsalOrder, 'isAlone'>
  /** As the listing declares it. */
  memoryBytes: number | undefined
}

/** Rejects only when the signal fires, or when no process can be started. */
export async function rehearse(
  { order, memoryBytes = UNDECLARED_BYTES }: RehearsalTask,
  signal: AbortSignal,
): Promise<{ first: Rehearsed; second: Rehearsed }> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-rehearsal-'))
  try {
    const isAlone = await canBeAlone(signal)
    const place = { folder: join(folder, 'run'), isAlone, memoryBytes: memoryBytes + EXCESS_BYTES }
    await mkdir(place.folder)
    await writeFile(join(place.folder, ORDER_FILE), JSON.stringify({ ...order, isAlone } satisfies RehearsalOrder))
    const first = await run(place, signal)
    if (!first.ok) return { first, second: first }
    await killInMiddle(place, signal)
    return { first, second: await run(place, signal) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Place = { folder: string; isAlone: boolean; memoryBytes: number }

/** [unshare(1)] A user without rights may have an own network, if the system permits user namespaces. */
const ALONE = ['--user', '--map-root-user', '--net', '--']

async function canBeAlone(signal: AbortSignal): Promise<boolean> {
  const probe = spawn('unshare', [...ALONE, 'true'], { stdio: 'ignore', signal })
  const code = await Promise.race([once(probe, 'exit').then(([exit]) => exit), once(probe, 'error').then(() => -1)])
  signal.throwIfAborted()
  return code === 0
}

function start({ folder, isAlone }: Place): ChildProcess {
  const program = [process.execPath, fileURLToPath(CHILD), folder]
  const [file = '', ...rest] = isAlone ? ['unshare', ...ALONE, ...program] : program
  return spawn(file, rest, { cwd: folder, env: childEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] })
}

async function run(place: Place, signal: AbortSignal): Promise<Rehearsed> {
  const result = join(place.folder, RESULT_FILE)
  await rm(result, { force: true })
  const over = new AbortController()
  const ending = AbortSignal.any([signal, over.signal])
  const child = start(place)
  child.stdout?.resume()
  try {
    const errors = child.stderr ? text(child.stderr) : Promise.resolve('')
    const ended = once(child, 'exit').then(async ([code, killedBy]): Promise<Rehearsed> => {
      const written = await readFile(result, 'utf8').catch(() => undefined)
      if (written !== undefined) return JSON.parse(written)
      const last = (await errors).trim().split('\n').at(-1) ?? ''
      return { ok: false, message: `the run ended with ${killedBy ?? `code ${code}`} ${last}`.trim() }
    })
    return await Promise.race([ended, tooLarge(child, place, ending), tooLong(child, ending)])
  } catch (cause) {
    signal.throwIfAborted()
    throw cause
  } finally {
    over.abort()
    child.kill('SIGKILL')
  }
}

async function tooLarge(child: ChildProcess, { memoryBytes }: Place, ending: AbortSignal): Promise<Rehearsed> {
  await untilLargerThan(memoryBytes, child, ending)
  return { ok: false, message: `the run took more than ${Math.floor(memoryBytes / 1024 ** 2)} MiB, and was ended` }
}

async function tooLong(child: ChildProcess, ending: AbortSignal): Promise<Rehearsed> {
  await untilTimeSpent(RUN_MS_MAX, child, ending)
  return { ok: false, message: `the run took longer than ${RUN_MS_MAX / 1_000} s, and was ended` }
}

/** [signal(7)] SIGKILL leaves no time to tidy up, as a loss of power. */
async function killInMiddle(place: Place, signal: AbortSignal): Promise<void> {
  const child = start(place)
  child.stderr?.resume()
  const stop = () => child.kill('SIGKILL')
  signal.addEventListener('abort', stop, { once: true })
  try {
    const ended = once(child, 'exit')
    const lines = child.stdout ? createInterface({ input: child.stdout }) : []
    for await (const line of lines) if (line === RUNNING) stop()
    await ended
  } finally {
    signal.removeEventListener('abort', stop)
  }
  signal.throwIfAborted()
}
