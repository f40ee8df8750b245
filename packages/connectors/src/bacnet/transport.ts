/**
 * BACnet transport: one UDP port of our own, connected to the device, in place of the library's, which takes the one well-known port of the machine and
 * believes whoever sends to it. What the library cannot read is dropped here: it would be an exception of the socket.
 */
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { EventEmitter, once } from 'node:events'

/** [135, annex J] Of one UDP datagram on Ethernet. */
const PAYLOAD_MAX = 1_482

export type DeviceTransport = EventEmitter & {
  send(buffer: Buffer, length: number): void
  open(): void
  close(): void
  getBroadcastAddress(): string
  getMaxPayload(): number
}

/** Rejects where there is no such host. `fail` hears that the machine of the device says that nobody listens. */
export async function openTransport(
  { host, port }: { host: string; port: number },
  fail: (reason: string) => void,
  signal: AbortSignal,
): Promise<DeviceTransport> {
  const { address } = await lookup(host, 4)
  const socket = createSocket('udp4')
  socket.connect(port, address)
  await once(socket, 'connect', { signal })
  const name = `${address}:${port}`
  const transport = Object.assign(new EventEmitter(), {
    send: (buffer: Buffer, length: number) => socket.send(buffer, 0, length),
    open: () => undefined,
    close: () => void socket.close(),
    getBroadcastAddress: () => name,
    getMaxPayload: () => PAYLOAD_MAX,
  })
  socket.on('error', (error) => fail(error.message))
  socket.on('message', (message) => {
    try {
      transport.emit('message', message, name)
    } catch {
      // As if it had been lost: the question is asked again.
    }
  })
  return transport
}
