import { Readable } from 'node:stream'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, test, vi } from 'vitest'
import { verifiedPieces } from '../blobs/sent-pieces.ts'
import { type SiteMeter, withinSiteBudget } from './site-budget.ts'

const pieces = [Buffer.alloc(1_000, 1), Buffer.alloc(1_000, 2), Buffer.alloc(1_000, 3)]

function meterOf(bytesMax: number): SiteMeter {
  let leftBytes = bytesMax
  return {
    async take(bytes) {
      leftBytes -= bytes
      return leftBytes >= 0
    },
    async [Symbol.asyncDispose]() {},
  }
}

function sendWithin(bytesMax: number) {
  const stop = vi.fn()
  const onDamage = vi.fn()
  const sent = withinSiteBudget(Readable.from(pieces), meterOf(bytesMax), stop)
  const received = Readable.from(verifiedPieces(sent, digestOf(Buffer.concat(pieces)), onDamage)).toArray()
  return { received, stop, onDamage }
}

test('a spent budget cuts the connection, and does not look like a damaged file', async () => {
  const { received, stop, onDamage } = sendWithin(2_000)
  await expect(received).rejects.toMatchObject({ code: 'rate_limited' })
  expect(stop).toHaveBeenCalledOnce()
  expect(onDamage).not.toHaveBeenCalled()
})

test('a file within the budget is sent whole', async () => {
  const { received, stop } = sendWithin(3_000)
  expect(Buffer.concat(await received)).toHaveLength(3_000)
  expect(stop).not.toHaveBeenCalled()
})
