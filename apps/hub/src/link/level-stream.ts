/**
 * Level stream: sends a device the stored state, now and when it changes. Between two messages it needs only a few
 * words of memory on the connection. A suspended call for each of ten thousand devices would keep 20 kB of frames each.
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

/** The receiver of the messages. */
export type StreamSink<Message> = {
  isOpen(): boolean
  send(message: Message): void
  /** Sends the error; no message follows. */
  fail(reason: Problem): void
}

export type LevelStream = {
  readonly sink: Pick<StreamSink<never>, 'isOpen' | 'fail'>
  isLooking: boolean
  /** The state may have changed since the current look began. */
  isDue: boolean
}

/** The action of one kind of stream at each look. */
export type Look = {
  name: string
  deviceId: DeviceId
  look(): Promise<void>
  /** Another stream has replaced it, or it has failed. */
  isOver(): boolean
  /** The stream has failed and is over. */
  onFailed(): void
}

/**
 * The interval of retries while the database is unreachable. A device that reconnects would find the database no
 * better, so it keeps its stream.
 */
const AWAY_RETRY_MS = 1_000

/**
 * A procedure's answer. It begins when the device knows the id of its messages. Each message is signed under the name
 * of the stream.
 */
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

/** Looks until nothing is due. Never rejects: a stream that fails sends the error, and is over. */
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
    // The connection ends with the hub, and the device comes back.
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
