/**
 * Open stream: orders a device to open a stream of bytes, and returns the hub's end of it. The order is a command on the
 * device link. So it reaches the device through any hub of the database, and an agent without streams is reported.
 */
import type { Duplex } from 'node:stream'
import type { StreamParams, StreamUse } from '@skerry/contract/streams/stream'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { askDevice } from '../commands/ask-device.ts'
import type { Failure } from '../commands/command-failure.ts'
import type { Hub } from '../hub.ts'

export type StreamWish = {
  /** The organisation of the device. */
  payer: OrganisationId
  use: StreamUse
  params: StreamParams
}

export type OpenedStream = { ok: true; stream: Duplex } | Failure

/** The device may first connect to equipment, and then needs three round trips to the hub. */
const OPEN_MS = 30_000

/** The device answers once its connection is open, so that its end is here or on its way through another hub. */
const ARRIVE_MS = 10_000

/** Opens a stream. The signal ends the opening, and later the stream. */
export async function openStream(
  hub: Hub,
  deviceId: DeviceId,
  { payer, use, params }: StreamWish,
  signal: AbortSignal,
): Promise<OpenedStream> {
  const expected = hub.streams.expect(hub.ids.stream(), deviceId)
  if (typeof expected === 'string') return { ok: false, code: expected }
  using place = new DisposableStack()
  place.use(expected)
  const command = { stream: expected.id, use, params }
  const question = { kind: 'stream' as const, payer, command, timeoutMs: OPEN_MS }
  using given = await hub.streams.inOrder(deviceId, () => askDevice(hub, deviceId, question, signal))
  if (!given.ok) return given
  const stream = await Promise.race([
    expected.arrived,
    hub.clock.sleep(ARRIVE_MS, signal).then(
      () => undefined,
      () => undefined,
    ),
  ])
  if (!stream) return { ok: false, code: signal.aborted ? 'command_cancelled' : 'command_timeout' }
  const held = place.move()
  const end = () => void stream.destroy()
  signal.addEventListener('abort', end, { once: true })
  stream.once('close', () => {
    signal.removeEventListener('abort', end)
    held.dispose()
  })
  if (signal.aborted || stream.destroyed) {
    stream.destroy()
    held.dispose()
  }
  return { ok: true, stream }
}
