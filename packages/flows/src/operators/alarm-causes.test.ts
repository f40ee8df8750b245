import { alarmFlow } from '@skerry/core/learning/alarm-flow'
import { expect, test } from 'vitest'
import { compile } from './expressions.ts'

/** The text that a step of the alarm flow gives for these signals. */
async function textOf(step: string, tags: readonly string[], names: { alarm: number; share: number[] }) {
  const flow = alarmFlow({ name: 'pump', source: 'plc', tags: [...tags], everyMs: 1_000, samples: 16 })
  const found = flow.steps?.find(({ name }) => name === step)
  if (found?.kind !== 'expression') throw new Error(`no expression ${step}`)
  const compiled = compile(found.expression)
  if (!compiled.ok) throw new Error(compiled.message)
  return compiled.evaluate(names)
}

test('an alarm has the shares of its tags, the largest first, and none without an alarm', async () => {
  const tags = ['pressure', 'temperature', 'current']
  const share = [0.12, 0.81, 0.07]
  expect(await textOf('cause', tags, { alarm: 1, share })).toBe('temperature 81 %, pressure 12 %, current 7 %')
  expect(await textOf('suspect', tags, { alarm: 1, share })).toBe('temperature')
  expect(await textOf('cause', tags, { alarm: 0, share })).toBe('none')
  expect(await textOf('cause', ['pressure'], { alarm: 1, share: [1] })).toBe('pressure 100 %')
})

test('an alarm of many tags names the five with the largest shares', async () => {
  const tags = Array.from({ length: 32 }, (_, at) => `t${at}`.padEnd(128, 'x'))
  const share = tags.map((_, at) => (at + 1) / 528)
  const text = String(await textOf('cause', tags, { alarm: 1, share }))
  expect(text.split(', ').map((part) => part.slice(0, 3))).toEqual(['t31', 't30', 't29', 't28', 't27'])
})
