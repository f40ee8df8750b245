/**
 * front, the hostile side: connections that send large bodies one after the other, in a process of their own, until the
 * parent has gone.
 */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'

export type Hostility = { url: string; ca: string; key: string | undefined; method: string; path: string }

const CONNECTIONS = 16

/** Empty lists, the most expensive JSON there is: the hub has to do most for each byte that is sent. */
const BODY = Buffer.from(`{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[${'[],'.repeat(2 ** 20)}1]}]}`)

/** A piece each 20 ms on each connection: 0.8 MB/s, 13 MB/s in all, as in the attack that this is made after. */
const PIECE_BYTES = 16 * 1024
const PIECE_EVERY_MS = 20

process.once('message', (hostility: Hostility) => {
  const lanes = Array.from({ length: CONNECTIONS }, () => attack(hostility))
  process.send?.('begun')
  void Promise.all(lanes)
})
process.once('disconnect', () => process.exit(0))

async function attack({ url, ca, key, method, path }: Hostility): Promise<never> {
  const { port } = new URL(url)
  const options: ConnectionOptions = { host: '127.0.0.1', port: Number(port), ca, servername: 'localhost' }
  const head = [
    `${method} ${path} HTTP/1.1`,
    'host: hub',
    ...(key === undefined ? [] : [`authorization: Bearer ${key}`]),
    'content-type: application/json',
    `content-length: ${BODY.length}`,
  ]
  while (true) {
    const socket = connect(options)
    // The hub ends connections whose body it does not read; the next one begins at once.
    socket.on('error', () => socket.destroy())
    socket.resume()
    await once(socket, 'secureConnect').catch(() => undefined)
    while (!socket.destroyed) {
      socket.write(`${head.join('\r\n')}\r\n\r\n`)
      await sendBody(socket)
    }
    await sleep(PIECE_EVERY_MS)
  }
}

async function sendBody(socket: TLSSocket): Promise<void> {
  for (let at = 0; at < BODY.length && !socket.destroyed; at += PIECE_BYTES) {
    if (!socket.write(BODY.subarray(at, at + PIECE_BYTES))) await drained(socket)
    await sleep(PIECE_EVERY_MS)
  }
}

const drained = (socket: TLSSocket) =>
  new Promise<void>((resolve) => {
    socket.once('drain', resolve)
    socket.once('close', () => resolve())
  })
