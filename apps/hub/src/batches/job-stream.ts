/** Job stream: what one device is told of batches, derived from its rows at each look: a stream that breaks loses nothing. */
import type { HibernationEventIterator } from '@orpc/server/hibernation'
import type { JobMessage } from '@skerry/contract/batches/job'
import { WIPE_KIND, type WipeOrder } from '@skerry/contract/link/link'
import type { SignedMessage } from '@skerry/contract/link/link-message'
import type { BatchId, DeviceId } from '@skerry/contract/values/ids'
import { mayTell } from '@skerry/core/batches/batch'
import { findDeviceById } from '../devices/device-store.ts'
import type { Hub } from '../hub.ts'
import { type LevelStream, lookAgain, openStream, type StreamSink } from '../link/level-stream.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import { fromJson } from '../store/json-column.ts'
import { stateOf } from './batch-store.ts'
import type { JobFollower } from './job-board.ts'
import { toldJobs } from './job-store.ts'

/** The procedure's answer. */
export function openJobs(
  hub: Hub,
  connection: LinkConnection,
  kinds: readonly string[],
): HibernationEventIterator<SignedMessage<JobMessage | WipeOrder>> {
  return openStream(connection, 'jobs', (sink) => beginJobs(hub, connection, { kinds, sink }))
}

/** Begins a stream in place of the connection's earlier one. */
export function beginJobs(
  hub: Hub,
  connection: LinkConnection,
  { kinds, sink }: { kinds: readonly string[]; sink: StreamSink<JobMessage | WipeOrder> },
): void {
  connection.jobs?.[Symbol.dispose]()
  connection.jobs = followJobs(hub, connection.deviceId, kinds, sink)
}

type JobStream = LevelStream & {
  readonly sink: StreamSink<JobMessage | WipeOrder>
  readonly follower: JobFollower
  isOver: boolean
}

/** From all that it was told and has not answered. */
function followJobs(hub: Hub, deviceId: DeviceId, kinds: readonly string[], sink: JobStream['sink']): Disposable {
  const follower = hub.jobs.follow(deviceId, kinds, () => void tellNews(hub, deviceId, stream))
  const stream: JobStream = { sink, follower, isLooking: false, isDue: false, isOver: false }
  follower.wake()
  return {
    [Symbol.dispose]() {
      stream.isOver = true
      follower[Symbol.dispose]()
    },
  }
}

const tellNews = (hub: Hub, deviceId: DeviceId, stream: JobStream): Promise<void> =>
  lookAgain(hub, stream, {
    name: 'job',
    deviceId,
    isOver: () => stream.isOver,
    async look() {
      const [wanted, news] = await newsFor(hub, deviceId, stream.follower)
      const isWiped = stream.follower.kinds.has(WIPE_KIND) && (await isWiping(hub, deviceId))
      if (stream.isOver || hub.signal.aborted || !stream.sink.isOpen()) return
      for (const message of overFor(hub, stream.follower, wanted)) stream.sink.send(message)
      for (const message of news) {
        hub.jobs.noteTold(stream.follower, message.batchId, message.attempt)
        stream.sink.send(message)
      }
      if (isWiped) stream.sink.send({ kind: 'wipe' })
    },
    onFailed() {
      stream.isOver = true
      stream.follower[Symbol.dispose]()
    },
  })

/** It is said at each look, and there are few: nothing else is told to whoever is wiped. */
const isWiping = async ({ store }: Hub, deviceId: DeviceId) =>
  (await findDeviceById(store.db, deviceId))?.status === 'wiping'

type ToldJob = Awaited<ReturnType<typeof toldJobs>>[number]
type Wanted = ReadonlyMap<BatchId, ToldJob>

/** What it should be at, and what of that it has not been told. Changes nothing: by the time that it is there, nobody may follow any more. */
async function newsFor(hub: Hub, deviceId: DeviceId, follower: JobFollower): Promise<[Wanted, JobMessage[]]> {
  const nowMs = hub.clock.nowMs()
  const rows = await toldJobs(hub.store.db, deviceId)
  const wanted = new Map(rows.filter((row) => mayTell(stateOf(row), row.outcome, nowMs)).map((row) => [row.id, row]))
  const news: JobMessage[] = []
  for (const row of wanted.values()) {
    if (follower.told.get(row.id) === row.attempt || !follower.kinds.has(row.kind)) continue
    const message = await jobOf(hub, deviceId, row)
    if (message) news.push(message)
  }
  return [wanted, news]
}

/** Whatever ended it: a device that has answered has nothing left to stop. */
function overFor(hub: Hub, follower: JobFollower, wanted: Wanted): JobMessage[] {
  const over = [...follower.told].filter(([batchId, attempt]) => wanted.get(batchId)?.attempt !== attempt)
  for (const [batchId] of over) hub.jobs.noteTold(follower, batchId, undefined)
  return over.map(([batchId, attempt]) => ({ kind: 'cancel', batchId, attempt }))
}

async function jobOf(hub: Hub, deviceId: DeviceId, row: ToldJob): Promise<JobMessage | undefined> {
  const proof = await hub.proofs.of(hub.store.db, row, deviceId)
  if (row.envelope === null || !proof) return undefined
  return { kind: 'do', batchId: row.id, attempt: row.attempt, envelope: fromJson(row.envelope), proof }
}
