import { FlowStep } from '@skerry/contract/flows/flow-step'
import { newSignal, type Signal } from '@skerry/core/flow/signal'
import { expect, test } from 'vitest'
import { compile, createExpression } from './expressions.ts'

async function tell(expression: string, gives: unknown = 'number', value = 1): Promise<Signal> {
  const step = FlowStep.parse({ name: 'e', kind: 'expression', from: ['a'], expression, gives })
  if (step.kind !== 'expression') throw new Error('another step')
  const out = newSignal()
  const signal: Signal = { ...newSignal(), instant: 1, quality: 0, number: value }
  const isTold = await createExpression(step).run([signal], { id: 1, timeMs: 0, arrivedMs: 0 }, out)
  return isTold ? out : newSignal()
}

test('an expression gives a number, text or a vector, and true is 1', async () => {
  expect((await tell('a * 2 + 1')).number).toBe(3)
  expect((await tell('a > 0')).number).toBe(1)
  expect((await tell("a = 1 ? 'on' : 'off'", 'text')).other).toBe('on')
  expect((await tell('[a, a + 1]', { vector: 2 })).other).toEqual(Float64Array.of(1, 2))
  expect((await tell('nothing')).instant).toBe(-1)
})

test('what it gives instead is bad, and so is what fails', async () => {
  expect((await tell("'text'")).cause?.code).toBe('expression_type')
  expect((await tell('[a]', { vector: 2 })).cause?.message).toContain('an array of 1')
  expect((await tell('1 / 0')).cause?.code).toMatch(/^expression_/)
  expect((await tell('$sum("x")')).cause?.code).toBe('expression_failed')
})

test('recursion without an end, and a list without one, are cut off', async () => {
  expect((await tell('($f := function($x) { 1 + $f($x) }; $f(a))')).cause?.message).toMatch(/[Ss]tack|deep/)
  expect((await tell('$count([1..100000000])')).cause?.code).toBe('expression_failed')
})

test.each(['$now()', '$millis() + a', '$random() > 0.5', '$map([1], $shuffle)', "$eval('$millis()')"])(
  '%s gives something else each time, and is refused',
  (text) => {
    expect(compile(text)).toMatchObject({
      ok: false,
      message: expect.stringContaining('a replay could not be compared'),
    })
  },
)

test('what is no expression is said with its place', () => {
  expect(compile('a +')).toMatchObject({ ok: false })
})
