/**
 * Turns thread: reads all groups of a source again and again, and writes one tag ten times meanwhile. Tells what the equipment was asked around each write. In a
 * thread, as sources run: some libraries load only there.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { Source } from '@skerry/contract/sources/source'
import { systemClock } from '@skerry/platform/process/clock'
import type { Session, WriteOutcome } from '../../src/session.ts'
import { openSession } from '../../src/sources/connectors.ts'
import { createWriteGuard } from '../../src/sources/write-guard.ts'

export type TurnsTask = { source: Source; secrets: Record<string, string>; stateFolder: string; tag: string }

/** `asked`: when a write began, and when it ended: which reading had begun last, and how many were under way. */
export type TurnsSeen = { outcomes: WriteOutcome[]; asked: { last: string; underWay: number }[]; reads: number }

const WRITES = 10

// The test has made it.
const { source, secrets, stateFolder, tag } = workerData as TurnsTask

const seen: TurnsSeen = { outcomes: [], asked: [], reads: 0 }
let underWay = 0
let last = ''

const watched = (session: Session): Session => ({
  ...session,
  async read(group, signal) {
    seen.reads += 1
    underWay += 1
    last = group.tags.map(({ name }) => name).join()
    try {
      return await session.read(group, signal)
    } finally {
      underWay -= 1
    }
  },
  async write(name, value, signal) {
    seen.asked.push({ last, underWay })
    const outcome = await session.write(name, value, signal)
    seen.asked.push({ last, underWay })
    return outcome
  },
})

const { signal } = new AbortController()
const surroundings = { clock: systemClock, random: Math.random, secrets, stateFolder, room: async () => undefined }
await using session = await openSession(source, surroundings, signal)
const writable = createWriteGuard(source, systemClock)?.(watched(session))
let isOver = false
const rounds = source.groups.map(async (group) => {
  while (!isOver) await writable?.session.read(group, signal)
})
for (let count = 0; count < WRITES; count += 1) {
  const outcome = await writable?.write({ tag, value: 20.5 }, signal)
  if (outcome) seen.outcomes.push(outcome)
}
isOver = true
await Promise.all(rounds)
parentPort?.postMessage(seen)
