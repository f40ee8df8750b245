/** Command bytes: those of a command go to whoever may have them, those of its answer are taken in, and neither without there being room. */
import { Readable } from 'node:stream'
import { COMMAND_BYTES_MAX } from '@skerry/contract/devices/device-command'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '../http/problem.ts'
import type { ByteBudget, ByteLease } from './byte-budget.ts'
import type { OpenCommand } from './command-board.ts'

/** Sends them as they are taken. */
export function sendBytes(reply: FastifyReply, parts: readonly Uint8Array[]): FastifyReply {
  reply.headers({ 'content-type': 'application/octet-stream', 'content-length': sizeOf(parts) })
  return reply.send(Readable.from(parts, { objectMode: false }))
}

export const sizeOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, { byteLength }) => sum + byteLength, 0)

/** A body, and the organisation whose share of the room it takes. */
type Paid = { request: FastifyRequest; payer: string }

type Taken = { bytes: Uint8Array; lease: ByteLease }

/** Keeps the bytes of a command's answer. */
export async function takeAnswer(budget: ByteBudget, command: OpenCommand, request: FastifyRequest): Promise<void> {
  const { bytes, lease } = await takeBytes(budget, { request, payer: command.payer }, command.ended)
  if (!command.ended.aborted) return command.deposit(bytes, lease)
  lease[Symbol.dispose]()
  throw problem('command_unknown')
}

/** Reads a body, for which room is set aside before the first byte is read. */
export async function takeBytes(budget: ByteBudget, { request, payer }: Paid, signal: AbortSignal): Promise<Taken> {
  const length = lengthOf(request)
  const lease = budget.reserve(length, payer)
  if (!lease) throw problem('hub_busy')
  const bytes = await readBytes((request.body ?? []) as Readable, length, signal).catch(() => undefined)
  if (bytes) return { bytes, lease }
  lease[Symbol.dispose]()
  throw signal.aborted ? problem('command_unknown') : problem('input_invalid', 'the bytes ended too early')
}

/** How long a body says it is. */
export function lengthOf({ headers }: Pick<FastifyRequest, 'headers'>): number {
  const length = Number(headers['content-length'] ?? Number.NaN)
  if (!Number.isInteger(length)) throw problem('input_invalid', 'send the bytes with a Content-Length')
  if (length > COMMAND_BYTES_MAX) throw problem('body_too_large', 'the bytes are over 32 MiB')
  return length
}

/** Undefined where the body is not as long as it said. */
export async function readBytes(body: AsyncIterable<Uint8Array>, length: number, signal: AbortSignal) {
  const bytes = new Uint8Array(length)
  let at = 0
  for await (const chunk of body) {
    if (signal.aborted || at + chunk.byteLength > length) return undefined
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return at === length ? bytes : undefined
}

/** Fires when whoever asked hangs up before all of the answer has been sent. */
export function hangUp({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort(new DOMException('the caller has left', 'AbortError'))
  })
  return gone.signal
}
