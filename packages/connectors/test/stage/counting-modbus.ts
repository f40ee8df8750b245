/**
 * Counting Modbus: a Modbus TCP server in the process of the test, which writes down what it is asked. Each register holds its own address, and each coil
 * whether that is odd. [Modbus Messaging on TCP/IP V1.0b, 3.1]
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

export type CountingModbus = AsyncDisposable & {
  port: number
  /** `3:100+2`: function, first address and count; or of a write `6:100=7`. */
  asked: string[]
  /** The most that it was asked without having answered. */
  atOnceMax(): number
}

export type CountingModbusOptions = {
  /** How many requests are answered with exception 6, busy. */
  busy?: number
  onAsked?: (asked: string) => void
}

/** Long enough for whoever does not wait for the answer to ask for more. */
const THINKING_MS = 20

const HEADER_BYTES = 7

export async function startCountingModbus({ busy = 0, onAsked }: CountingModbusOptions = {}): Promise<CountingModbus> {
  const asked: string[] = []
  let waiting = 0
  let atOnceMax = 0
  let busyLeft = busy
  const server = createServer((socket) => {
    let heard = Buffer.alloc(0)
    const answer = (request: Buffer) => {
      waiting -= 1
      busyLeft -= 1
      const code = request.readUInt8(HEADER_BYTES)
      const body = busyLeft >= 0 ? Buffer.of(code | 0x80, 6) : answerTo(request)
      const header = Buffer.from(request.subarray(0, HEADER_BYTES))
      header.writeUInt16BE(body.length + 1, 4)
      socket.write(Buffer.concat([header, body]))
    }
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes])
      for (;;) {
        const length = heard.length < HEADER_BYTES ? Number.POSITIVE_INFINITY : 6 + heard.readUInt16BE(4)
        if (heard.length < length) return
        const request = heard.subarray(0, length)
        heard = heard.subarray(length)
        waiting += 1
        atOnceMax = Math.max(atOnceMax, waiting)
        asked.push(textOf(request))
        onAsked?.(textOf(request))
        setTimeout(answer, THINKING_MS, request)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    asked,
    atOnceMax: () => atOnceMax,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

const partsOf = (request: Buffer) => ({
  code: request.readUInt8(HEADER_BYTES),
  start: request.readUInt16BE(HEADER_BYTES + 1),
  count: request.readUInt16BE(HEADER_BYTES + 3),
})

function textOf(request: Buffer): string {
  const { code, start, count } = partsOf(request)
  return `${code}:${start}${code === 6 ? '=' : '+'}${count}`
}

/** [Modbus Application Protocol V1.1b3, 6.1, 6.3, 6.6] */
function answerTo(request: Buffer): Buffer {
  const { code, start, count } = partsOf(request)
  // A write is answered as it was asked.
  if (code > 4) return Buffer.from(request.subarray(HEADER_BYTES))
  const places = Array.from({ length: count }, (_, at) => start + at)
  const data = code < 3 ? bitsOf(places) : Buffer.from(places.flatMap((at) => [at >> 8, at & 0xff]))
  return Buffer.concat([Buffer.of(code, data.length), data])
}

function bitsOf(places: readonly number[]): Buffer {
  const data = Buffer.alloc(Math.ceil(places.length / 8))
  for (const [at, place] of places.entries()) {
    if (place % 2 === 1) data[at >> 3] = (data[at >> 3] ?? 0) | (1 << (at & 7))
  }
  return data
}
