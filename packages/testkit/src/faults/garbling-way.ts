/**
 * Garbling way: a port of loopback that leads to equipment, and garbles what the equipment says while it is told to: bits are flipped, parts are missing or
 * come twice, lengths are of another world, or all is noise. What is asked of the equipment arrives as it was sent. Which harm a piece comes to is drawn by the
 * seed and the number of the piece, whenever it comes.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type GarblingWay = AsyncDisposable & {
  port: number
  garble(): void
  /** From now on all arrives as it was said. */
  clear(): void
  /** How many pieces came to harm. */
  garbled(): number
}

type Garbling = { seed: number; isCuttable: boolean }

/** What becomes of a piece: what arrives in its place, and whether the connection ends there. */
type Harm = { bytes: Buffer; ends: boolean }

/** A share of the pieces, so that some connections come into being, and what is said over them is garbled, too. */
const GARBLED_SHARE = 0.4

/** [mulberry32] The same numbers for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** `former` is what was said some time before. */
export function harmTo(piece: Buffer, former: Buffer, random: () => number): Harm {
  const below = (limit: number) => Math.floor(random() * limit)
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => below(256)))
  const part = (bytes: Buffer) => bytes.subarray(0, below(bytes.length))
  const harms: (() => Harm)[] = [
    () => ({ bytes: flipped(piece, 1 + below(8), below), ends: false }),
    () => ({ bytes: part(piece), ends: false }),
    () => ({ bytes: part(piece), ends: true }),
    () => ({ bytes: Buffer.concat([noise(1 + below(20)), piece]), ends: false }),
    () => ({ bytes: Buffer.concat([former, piece]), ends: false }),
    () => ({ bytes: former, ends: false }),
    () => ({ bytes: overwritten(piece, below(24), 1 + below(4)), ends: false }),
    () => ({ bytes: noise(piece.length), ends: false }),
  ]
  return harms[below(harms.length)]?.() ?? { bytes: piece, ends: false }
}

function flipped(piece: Buffer, bits: number, below: (limit: number) => number): Buffer {
  const bytes = Buffer.from(piece)
  for (let left = bits; left > 0; left -= 1) {
    const at = below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
  }
  return bytes
}

/** Lengths stand near the beginning: it says as much as it can. */
function overwritten(piece: Buffer, at: number, bytes: number): Buffer {
  const copy = Buffer.from(piece)
  copy.fill(0xff, Math.min(at, copy.length), Math.min(at + bytes, copy.length))
  return copy
}

type Garbler = Pick<GarblingWay, 'garble' | 'clear' | 'garbled'> & { take(piece: Buffer): Harm }

function createGarbler({ seed, isCuttable }: Garbling): Garbler {
  let isGarbling = false
  let pieces = 0
  let garbled = 0
  let former: Buffer = Buffer.alloc(0)
  return {
    garble: () => {
      isGarbling = true
    },
    clear: () => {
      isGarbling = false
    },
    garbled: () => garbled,
    take(piece) {
      pieces += 1
      const random = randomOf(seed * 10_007 + pieces)
      const isHarmed = isGarbling && random() < GARBLED_SHARE
      const harm = isHarmed ? harmTo(piece, former, random) : { bytes: piece, ends: false }
      garbled += Number(isHarmed)
      if (random() < 0.5) former = Buffer.from(piece)
      return { ...harm, ends: harm.ends && isCuttable }
    },
  }
}

/** Of a connection that begins before garbling and lasts beyond it nothing is sure: what reads it has to give it up by itself. */
export async function openGarblingWay(to: number, garbling: Garbling): Promise<GarblingWay> {
  const { take, ...garbler } = createGarbler(garbling)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    }
    near.pipe(far)
    far.on('data', (piece: Buffer) => {
      const { bytes, ends } = take(piece)
      near.write(bytes)
      if (ends) near.end()
    })
    near.on('close', () => far.destroy())
    far.on('close', () => near.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    ...garbler,
    port: portOf(server.address()),
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** The same of datagrams: each who asks has a port of its own towards the equipment. */
export async function openGarblingUdpWay(to: number, garbling: Garbling): Promise<GarblingWay> {
  const { take, ...garbler } = createGarbler({ ...garbling, isCuttable: false })
  const near = createSocket('udp4')
  const fars = new Map<number, UdpSocket>()
  const farOf = ({ address, port }: RemoteInfo) => {
    const known = fars.get(port)
    if (known) return known
    const far = createSocket('udp4')
    far.on('error', () => undefined)
    far.on('message', (piece) => near.send(take(piece).bytes, port, address, () => undefined))
    fars.set(port, far)
    return far
  }
  near.on('message', (bytes, from) => farOf(from).send(bytes, to, '127.0.0.1', () => undefined))
  near.bind(0, '127.0.0.1')
  await once(near, 'listening')
  return {
    ...garbler,
    port: near.address().port,
    async [Symbol.asyncDispose]() {
      for (const socket of [near, ...fars.values()]) socket.close()
    },
  }
}

const portOf = (address: AddressInfo | string | null) => (typeof address === 'object' && address ? address.port : 0)
