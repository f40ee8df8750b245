import { Flow } from '@skerry/contract/flows/flow'
import { Name } from '@skerry/contract/values/names'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alarmSignalsOf } from './alarm-signals.ts'
import { type LimitAlarm, limitAlarmFlow, limitAlarmName } from './limit-alarm.ts'

const hot: LimitAlarm = { source: 'pump-1', tag: 'temperature', side: 'above', limit: 63, forSeconds: 1 }

test('the flow is sound, and the hub raises an alert for it', () => {
  const flow = Flow.parse(limitAlarmFlow({ ...hot, clear: 61, silenceSeconds: 15 }))
  expect(flow).toMatchObject({
    name: 'pump-1-temperature-alarm',
    inputs: [{ source: 'pump-1', tag: 'temperature', onBad: 'mark', maxAgeMs: 15_000 }],
    steps: [{ kind: 'threshold', above: 63, clear: 61, forMs: 1_000 }],
  })
  expect(alarmSignalsOf(flow)).toMatchObject([
    { signal: 'pump-1-temperature-alarm/alarm', condition: 'value is above 63' },
  ])
})

test('a limit from below has no other level than its own, and a silent tag changes nothing', () => {
  const flow = Flow.parse(limitAlarmFlow({ ...hot, side: 'below', limit: -3.5, forSeconds: 0 }))
  expect(flow.steps).toMatchObject([{ below: -3.5, forMs: 0 }])
  expect(flow.inputs[0]).not.toHaveProperty('maxAgeMs')
})

test('each tag gives a name that a flow may have', () => {
  const text = fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme' })
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/), text, (source, tag) => {
      expect(Name.safeParse(limitAlarmName({ source, tag })).success).toBe(true)
    }),
  )
})
