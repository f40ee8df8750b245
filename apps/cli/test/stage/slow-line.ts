/** Slow line: stands between a device and its hub, counts what it brings, and can stand still in the middle of a large answer. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { JoinTokenContent } from '@skerry/contract/joining/join'

export type SlowLine = AsyncDisposable & {
  /** A join token that leads through the line. */
  tokenThrough(token: string): string
  /** Bytes that the device was sent over connections that brought it more than a megabyte: files, and no messages. */
  fileBytes(): number
  /** Large answers stop where they are after so many bytes; undefined lets everything through. */
  holdAfter(bytes: number | undefined): void
  /** How many connections stand still. */
  held(): number
}

const LARGE_BYTES = 1024 * 1024

/** Leads to the hub at this address. */
export async function openSlowLine(hubUrl: string): Promise<SlowLine> {
  const target = new URL(hubUrl)
  const received: { bytes: number; isHeld: boolean }[] = []
  const sockets = new Set<Socket>()
  let limit: number | undefined
  const server = createServer((device) => {
    const hub = connect(Number(target.port), target.hostname)
    const count = { bytes: 0, isHeld: false }
    received.push(count)
    device.pipe(hub)
    hub.on('data', (chunk) => {
      count.bytes += chunk.length
      device.write(chunk)
      if (limit === undefined || count.bytes < limit) return
      count.isHeld = true
      hub.pause()
    })
    for (const [socket, other] of [
      [device, hub],
      [hub, device],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        count.isHeld = false
        sockets.delete(socket)
        other.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    tokenThrough(token) {
      const content = JoinTokenContent.parse(
        JSON.parse(Buffer.from(token.slice('skj_'.length), 'base64url').toString()),
      )
      const through = { ...content, hub: `https://127.0.0.1:${port}` }
      return `skj_${Buffer.from(JSON.stringify(through)).toString('base64url')}`
    },
    fileBytes: () => received.reduce((sum, { bytes }) => sum + (bytes > LARGE_BYTES ? bytes : 0), 0),
    holdAfter(bytes) {
      limit = bytes
    },
    held: () => received.filter(({ isHeld }) => isHeld).length,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
