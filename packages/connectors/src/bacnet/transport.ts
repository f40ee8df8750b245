/**
 * BACnet transport: one UDP port of our own, connected to the device. The library's own transport takes the well-known
 * port of the machine, and accepts messages from any sender. Messages that the library cannot parse are dropped here:
 * otherwise they become an exception of the socket.
 */
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { EventEmitter, once } from 'node:events'

/** [135, annex J] The most bytes of one UDP datagram on Ethernet. */
const PAYLOAD_MAX = 1_482

export type DeviceTransport = EventEmitter & {
  send(buffer: Buffer, length: number): void
  open(): void
  close(): void
  getBroadcastAddress(): string
  getMaxPayload(): number
}

/** Rejects if the host does not exist. `fail` is called when the device's machine reports that no program listens. */
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
      // The message counts as lost, so that the request is sent again.
    }
  })
  return transport
}
