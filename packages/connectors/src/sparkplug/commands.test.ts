import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { DATATYPE } from '@skerry/core/equipment/sparkplug-value'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commandsIn, writableOf } from './commands.ts'
import { createEdge } from './edge.ts'
import { decodePayload, encodePayload, type OutMetric } from './payload.ts'

const writable = writableOf([{ source: 'press-7', tags: ['setpoint', 'lamp', 'unborn'] }])

const told = (tag: string, value: number | boolean, source = 'press-7'): SinkValue => ({
  signal: `${source}/${tag}`,
  source,
  tag,
  eventTimeMs: 1,
  quality: 'good',
  value,
})

/** A node that has told a setpoint, a lamp, and a speed that nobody may write. */
function born() {
  const edge = createEdge(0, writable)
  const births = edge.tell([told('setpoint', 30), told('lamp', false), told('speed', 1_450)], false, 2)
  return { edge, births }
}

const setpoint: OutMetric = { name: 'setpoint', datatype: DATATYPE.double, raw: { case: 'double', value: 31.5 } }

function hear(metrics: OutMetric[], more: { device?: string | undefined; isRetained?: boolean } = {}) {
  const message = { device: 'press-7', isRetained: false, payload: encodePayload(3, undefined, metrics), ...more }
  return commandsIn(message, born().edge, writable)
}

test('a metric is written by its name, or by the alias that its birth gave it', () => {
  const wanted = { isRebirth: false, commands: [{ ok: true, source: 'press-7', tag: 'setpoint', value: 31.5 }] }
  expect(hear([setpoint])).toEqual(wanted)
  const { name: _, ...nameless } = setpoint
  expect(hear([{ ...nameless, alias: 1 }])).toEqual(wanted)
})

test('births say which metrics hosts may write', () => {
  const { births } = born()
  const [birth] = births
  const text = Buffer.from(birth?.payload ?? '').toString('latin1')
  expect(birth?.type).toBe('DBIRTH')
  expect(text.split('readOnly')).toHaveLength(4)
  const silent = createEdge(0, writableOf([])).tell([told('setpoint', 30)], false, 2)
  expect(silent.map(({ payload }) => payload.toString('latin1')).join('')).not.toContain('readOnly')
})

test.each<[string, OutMetric[], object, string | undefined, string]>([
  ['of a metric that no birth told of', [{ ...setpoint, name: 'unborn' }], {}, undefined, 'command_unknown'],
  ['of a metric that is told only', [{ ...setpoint, name: 'speed' }], {}, undefined, 'command_unknown'],
  ['of another type', [{ ...setpoint, datatype: DATATYPE.int32 }], {}, 'setpoint', 'command_type'],
  ['of nothing', [{ ...setpoint, raw: undefined }], {}, 'setpoint', 'command_type'],
  ['that the broker kept', [setpoint], { isRetained: true }, undefined, 'command_retained'],
  ['of too many at once', Array(101).fill(setpoint), {}, undefined, 'command_overrun'],
])('a command %s is refused, and says why', (_, metrics, more, tag, code) => {
  const refusal = { ok: false, source: 'press-7', ...(tag !== undefined && { tag }), code, message: expect.any(String) }
  expect(hear(metrics, more)).toEqual({ isRebirth: false, commands: [refusal] })
})

test('of the node itself only its births can be asked for', () => {
  const rebirth: OutMetric = {
    name: 'Node Control/Rebirth',
    datatype: DATATYPE.boolean,
    raw: { case: 'boolean', value: true },
  }
  expect(hear([rebirth], { device: undefined })).toEqual({ isRebirth: true, commands: [] })
  expect(hear([setpoint], { device: undefined })).toMatchObject({ commands: [{ ok: false, code: 'command_unknown' }] })
  // A device has none.
  expect(hear([rebirth])).toMatchObject({ isRebirth: false, commands: [{ ok: false, code: 'command_unknown' }] })
})

test('whatever bytes come, nothing is thrown, and nothing is written that was not wanted in so many words', () => {
  const { edge } = born()
  const real = encodePayload(3, undefined, [setpoint])
  const cut = fc.nat(real.length).map((end) => Uint8Array.from(real.subarray(0, end)))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), cut), fc.constantFrom('press-7', undefined), (bytes, device) => {
      const payload = Buffer.from(bytes)
      const { commands } = commandsIn({ device, payload, isRetained: false }, edge, writable)
      const names = decodePayload(payload)?.metrics.map(({ name, alias }) => name ?? alias) ?? []
      for (const command of commands) if (command.ok) expect(names).toContain(command.tag)
    }),
  )
})
