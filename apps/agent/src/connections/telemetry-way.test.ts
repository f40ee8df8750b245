import { ORPCError } from '@orpc/client'
import { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import { expect, test } from 'vitest'
import { createTelemetryWay } from './telemetry-way.ts'

const batch = TelemetryBatch.parse({
  stream: '0123456789abcdef',
  lane: 'normal',
  first: 7,
  values: [{ signal: 's', quality: 'good', value: 1, eventTimeMs: 1 }],
})

test('hands over the link of now, and says what the hub will never take', async () => {
  const way = createTelemetryWay()
  expect(await way.send(batch)).toMatchObject({ kind: 'away' })
  const link = new AbortController()
  way.use({ telemetry: async ({ first }) => ({ last: first }) }, link.signal)
  expect(await way.send(batch)).toEqual({ kind: 'held', last: 7 })
  const refuse = (code: string) => async () => {
    throw new ORPCError(code)
  }
  way.use({ telemetry: refuse('input_invalid') }, link.signal)
  expect(await way.send(batch)).toMatchObject({ kind: 'refused' })
  way.use({ telemetry: refuse('hub_unavailable') }, link.signal)
  expect(await way.send(batch)).toMatchObject({ kind: 'away' })
  link.abort()
  expect(await way.send(batch)).toEqual({ kind: 'away', message: 'there is no link to the hub' })
})
