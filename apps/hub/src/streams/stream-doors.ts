/**
 * Stream doors: accept the second connection of a device. Behind a balancer it may come to another hub than the one that
 * waits for it. That hub then passes the bytes on as they are, and sees none of them.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { DeviceStatus } from '@skerry/contract/devices/device'
import { STREAM_MESSAGE_MAX, STREAM_PATH } from '@skerry/contract/streams/stream'
import { DeviceId, StreamId } from '@skerry/contract/values/ids'
import { socketStream } from '@skerry/platform/network/socket-stream'
import { WebSocketServer } from 'ws'
import { findDeviceById } from '../devices/device-store.ts'
import { problem } from '../http/problem.ts'
import { pathOf, type Upgrades, type UpgradeTaker } from '../http/upgrades.ts'
import type { Hub } from '../hub.ts'
import { identifyDevice, refuseQuarantined } from '../link/device-identity.ts'
import { peerRefusal } from '../peers/peer-identity.ts'
import { unreachedWords } from '../peers/peers.ts'

/** Other hubs pass on the connections of devices at this path, the device's id and the stream's. */
const PEER_PATH = '/peer/device-streams'

/** A forgotten terminal or tunnel ends within the time of a lunch break. */
const STREAM_IDLE_MS = 3_600_000

/** Shorter than the minute after which firewalls forget a silent connection. */
const PING_MS = 25_000

export const STREAM_LIMITS = { idleMs: STREAM_IDLE_MS, pingMs: PING_MS }

/** Adds the two paths. */
export function attachStreams(upgrades: Upgrades, hub: Hub): Disposable {
  const acceptor = new WebSocketServer({ noServer: true, maxPayload: STREAM_MESSAGE_MAX, perMessageDeflate: false })
  const accept = (id: StreamId, deviceId: DeviceId, [request, socket, head]: Parameters<UpgradeTaker>) =>
    acceptor.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = socketStream(webSocket, STREAM_LIMITS)
      // The owner of the stream reports its errors. Without a listener the process would end.
      stream.on('error', (error) => hub.log.debug('stream_failed', { stream: id, deviceId, error }))
      if (!hub.streams.pair(id, deviceId, stream)) stream.destroy()
    })
  upgrades.take(STREAM_PATH, async (...given) => {
    const [request, socket] = given
    const deviceId = await deviceOf(hub, socket)
    const id = StreamId.safeParse(pathOf(request).slice(STREAM_PATH.length + 1))
    if (!id.success) throw problem('command_unknown')
    if (hub.streams.isExpected(id.data, deviceId)) return accept(id.data, deviceId, given)
    if (!hub.cluster.isShared) throw problem('command_unknown')
    await passOn(hub, { id: id.data, deviceId }, given)
  })
  if (hub.cluster.isShared) {
    upgrades.take(PEER_PATH, async (...given) => {
      const [request] = given
      const refusal = peerRefusal(hub, request)
      if (refusal) throw refusal
      const [device, stream] = pathOf(request)
        .slice(PEER_PATH.length + 1)
        .split('/')
      const deviceId = DeviceId.safeParse(device)
      const id = StreamId.safeParse(stream)
      if (!deviceId.success || !id.success || !hub.streams.isExpected(id.data, deviceId.data))
        throw problem('command_unknown')
      accept(id.data, deviceId.data, given)
    })
  }
  const stop = hub.bus.subscribe('device.changed', undefined, (key) => {
    const deviceId = DeviceId.safeParse(key)
    if (deviceId.success && hub.streams.has(deviceId.data)) void endRefused(hub, deviceId.data)
  })
  return {
    [Symbol.dispose]() {
      stop()
      acceptor.close()
    },
  }
}

const ENDED: ReadonlySet<DeviceStatus> = new Set(['quarantined', 'revoked', 'wiping', 'wiped'])

/** A device that was revoked, removed or quarantined keeps no stream. */
async function endRefused(hub: Hub, deviceId: DeviceId): Promise<void> {
  const device = await findDeviceById(hub.store.db, deviceId).catch(() => undefined)
  if (!device || ENDED.has(device.status)) hub.streams.endAll(deviceId)
}

async function deviceOf(hub: Hub, socket: Duplex): Promise<DeviceId> {
  if (hub.signal.aborted) throw problem('hub_unavailable', 'the hub is stopping; connect again')
  if (!(socket instanceof TLSSocket)) throw new Error('a stream without TLS')
  const identity = await identifyDevice(hub, socket)
  if (!identity.ok) throw problem(identity.code, identity.message)
  refuseQuarantined(identity.device)
  hub.devicePacer.admit(identity.device.id, 'commandBytes')
  return identity.device.id
}

/** Connects the device to the hub that waits for the stream. */
async function passOn(
  hub: Hub,
  { id, deviceId }: { id: StreamId; deviceId: DeviceId },
  [request, socket, head]: Parameters<UpgradeTaker>,
): Promise<void> {
  const { holder, unreached } = await hub.peers.withStream(id, deviceId, hub.signal)
  if (!holder && unreached.length > 0) throw problem('hub_peer_unreachable', unreachedWords(unreached))
  if (!holder) throw problem('command_unknown')
  const path = `${PEER_PATH}/${deviceId}/${id}`
  const taken = await hub.peers.upgrade(holder, { path, headers: handshakeOf(request) }, hub.signal)
  if (!taken.ok) throw problem('hub_peer_unreachable', unreachedWords([{ member: holder, message: taken.message }]))
  const { answer, socket: other, head: first } = taken
  const end = () => {
    socket.destroy()
    other.destroy()
  }
  for (const each of [socket, other]) each.on('error', end).on('close', end)
  hub.signal.addEventListener('abort', end, { once: true })
  socket.once('close', () => hub.signal.removeEventListener('abort', end))
  socket.write(switching(answer))
  if (first.byteLength > 0) socket.write(first)
  if (head.byteLength > 0) other.write(head)
  socket.pipe(other)
  other.pipe(socket)
}

/** [RFC 6455 4.1] The other hub answers the handshake of the device itself. */
const handshakeOf = ({ headers }: IncomingMessage): Record<string, string> => ({
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': String(headers['sec-websocket-key']),
  'sec-websocket-version': String(headers['sec-websocket-version']),
})

const switching = ({ headers }: IncomingMessage): string =>
  [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${headers['sec-websocket-accept']}`,
    '\r\n',
  ].join('\r\n')
