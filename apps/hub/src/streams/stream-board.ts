/**
 * Stream board: the open streams of bytes to devices, in memory only. A stream waits a moment for its device, and the
 * device's connection is paired with it once. Both limits count waiting and open streams.
 */
import type { Duplex } from 'node:stream'
import type { DeviceId, StreamId } from '@skerry/contract/values/ids'

/** A person has some terminals and tunnels, and a browser opens six connections through each tunnel at once. */
export const STREAMS_PER_DEVICE_MAX = 128

/** A stream costs two connections of some 40 kB, and its buffers. */
const STREAMS_MAX = 2_000

/** A stream that waits for its device, or is open. */
export type ExpectedStream = Disposable & {
  readonly id: StreamId
  readonly deviceId: DeviceId
  /** Resolves with the device's end of the stream. */
  readonly arrived: Promise<Duplex>
}

export type StreamBoard = {
  /** Takes a place until it is disposed; the reason if there is no place. */
  expect(id: StreamId, deviceId: DeviceId): ExpectedStream | 'device_busy' | 'hub_busy'
  /** Whether the stream waits for this device. */
  isExpected(id: StreamId, deviceId: DeviceId): boolean
  /** Pairs the device's connection; false if no stream waits for it any more. */
  pair(id: StreamId, deviceId: DeviceId, stream: Duplex): boolean
  /** Passes the order for one device after another one: a device takes few commands at once. */
  inOrder<Result>(deviceId: DeviceId, run: () => Promise<Result>): Promise<Result>
  /** The devices with open streams. */
  has(deviceId: DeviceId): boolean
  /** Ends all streams of a device. */
  endAll(deviceId: DeviceId): void
  count(): number
}

type Waiting = { deviceId: DeviceId; resolve: (stream: Duplex) => void }

/** Creates an empty board. All its streams end when the signal fires. */
export function createStreamBoard(signal: AbortSignal): StreamBoard {
  const waiting = new Map<StreamId, Waiting>()
  const places = new Map<DeviceId, number>()
  const orders = new Map<DeviceId, Promise<unknown>>()
  const open = new Map<DeviceId, Set<Duplex>>()
  let count = 0
  const leave = (id: StreamId, deviceId: DeviceId) => {
    waiting.delete(id)
    count -= 1
    const left = (places.get(deviceId) ?? 1) - 1
    if (left > 0) places.set(deviceId, left)
    else places.delete(deviceId)
  }
  return {
    expect(id, deviceId) {
      const taken = places.get(deviceId) ?? 0
      if (count >= STREAMS_MAX) return 'hub_busy'
      if (taken >= STREAMS_PER_DEVICE_MAX) return 'device_busy'
      count += 1
      places.set(deviceId, taken + 1)
      const { promise: arrived, resolve } = Promise.withResolvers<Duplex>()
      waiting.set(id, { deviceId, resolve })
      let isLeft = false
      const dispose = () => {
        if (!isLeft) leave(id, deviceId)
        isLeft = true
      }
      return { id, deviceId, arrived, [Symbol.dispose]: dispose }
    },
    isExpected: (id, deviceId) => waiting.get(id)?.deviceId === deviceId,
    pair(id, deviceId, stream) {
      const expected = waiting.get(id)
      if (expected?.deviceId !== deviceId) return false
      waiting.delete(id)
      const end = () => void stream.destroy()
      const ofDevice = open.get(deviceId) ?? new Set()
      open.set(deviceId, ofDevice.add(stream))
      signal.addEventListener('abort', end, { once: true })
      stream.once('close', () => {
        signal.removeEventListener('abort', end)
        ofDevice.delete(stream)
        if (ofDevice.size === 0 && open.get(deviceId) === ofDevice) open.delete(deviceId)
      })
      expected.resolve(stream)
      return true
    },
    async inOrder(deviceId, run) {
      const before = orders.get(deviceId) ?? Promise.resolve()
      const mine = before.then(run, run)
      orders.set(deviceId, mine)
      const forget = () => orders.get(deviceId) === mine && orders.delete(deviceId)
      mine.then(forget, forget)
      return mine
    },
    has: (deviceId) => open.has(deviceId),
    endAll(deviceId) {
      for (const stream of open.get(deviceId) ?? []) stream.destroy()
    },
    count: () => count,
  }
}
