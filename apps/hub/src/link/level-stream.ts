/**
 * Level stream: tells a device what stored state says, now and when it changes. Between two messages it is a few words on the connection and
 * nothing else: a suspended call of each of ten thousand devices would keep 20 kB of its frames.
 */
import { encodeHibernationRPCEvent, HibernationEventIterator } from '@orpc/server/hibernation'
import type { link } from '@skerry/contract/link/link'
import type { SignedMessage } from '@skerry/contract/link/link-message'
import type { DeviceId } from '@skerry/contract/values/ids'
import { problemOf } from '../http/admission/call-watch.ts'
import { isProblem, type Problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { isStoreUnavailable } from '../store/store-errors.ts'
import type { LinkConnection } from './link-connection.ts'

export type StreamHub = Pick<Hub, 'store' | 'log' | 'clock' | 'signal'>

/** Where messages go. */
export type StreamSink<Message> = {
  isOpen(): boolean
  send(message: Message): void
  /** Nothing follows. */
  fail(reason: Problem): void
}

export type LevelStream = {
  readonly sink: Pick<StreamSink<never>, 'isOpen' | 'fail'>
  isLooking: boolean
  /** Something may have changed since the look that is under way began. */
  isDue: boolean
}

/** What one kind of stream does at each look. */
export type Look = {
  name: string
  deviceId: DeviceId
  look(): Promise<void>
  /** Another stream has taken its place, or it has failed. */
  isOver(): boolean
  /** It is over from now on. */
  onFailed(): void
}

/** How often a device that waits is looked at while the database is away: whoever came anew for that would find it no better. */
const AWAY_RETRY_MS = 1_000

/** A procedure's answer: begins when the device knows by which id to know what belongs to it. Each message is signed under the name of the stream. */
export const openStream = <Message>(
  connection: Pick<LinkConnection, 'socket' | 'sign'>,
  name: keyof typeof link,
  begin: (sink: StreamSink<Message>) => void,
): HibernationEventIterator<SignedMessage<Message>> =>
  new HibernationEventIterator((id) => begin(sinkOf(connection, name, id)))

function sinkOf<Message>(
  { socket, sign }: Pick<LinkConnection, 'socket' | 'sign'>,
  name: keyof typeof link,
  id: string,
): StreamSink<Message> {
  return {
    isOpen: () => socket.readyState === socket.OPEN,
    send: (message) => socket.send(encodeHibernationRPCEvent(id, sign(name, message))),
    fail: (reason) => socket.send(encodeHibernationRPCEvent(id, reason, { event: 'error' })),
  }
}

/** Looks until nothing is due. Never rejects: a stream that cannot go on says so, and is over. */
export async function lookAgain(hub: StreamHub, stream: LevelStream, it: Look): Promise<void> {
  stream.isDue = true
  if (stream.isLooking) return
  stream.isLooking = true
  const isOver = () => hub.signal.aborted || it.isOver() || !stream.sink.isOpen()
  try {
    while (stream.isDue && !isOver()) {
      stream.isDue = false
      if ((await it.look().catch(awayOf)) !== 'away' || isOver()) continue
      stream.isDue = true
      await hub.clock.sleep(AWAY_RETRY_MS, hub.signal)
    }
    stream.isLooking = false
  } catch (error) {
    // With the hub the connection ends, and the device comes back.
    if (isOver()) return
    if (!isProblem(error)) hub.log.error(`${it.name}_stream_failed`, { deviceId: it.deviceId, error })
    it.onFailed()
    stream.sink.fail(problemOf(error))
  }
}

function awayOf(error: unknown): 'away' {
  if (isStoreUnavailable(error)) return 'away'
  throw error
}
