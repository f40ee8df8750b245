import { expect, test } from 'vitest'
import { createGate } from './gate.ts'

const forever = new AbortController().signal

test('so many go in, the others follow in their order as places become free', async () => {
  const gate = createGate(2)
  const entered: string[] = []
  const enter = async (name: string) => {
    const leave = await gate.enter(forever)
    entered.push(name)
    return leave
  }
  const [leaveA] = await Promise.all([enter('a'), enter('b')])
  const c = enter('c')
  const d = enter('d')
  await Promise.resolve()
  expect(entered).toEqual(['a', 'b'])
  leaveA()
  // Leaving twice frees one place.
  leaveA()
  const leaveC = await c
  expect(entered).toEqual(['a', 'b', 'c'])
  leaveC()
  await d
  expect(entered).toEqual(['a', 'b', 'c', 'd'])
})

test('who gives up takes no place', async () => {
  const gate = createGate(1)
  const leave = await gate.enter(forever)
  const stop = new AbortController()
  const gone = gate.enter(stop.signal)
  const next = gate.enter(forever)
  stop.abort(new Error('given up'))
  await expect(gone).rejects.toThrow('given up')
  leave()
  await next
  await expect(gate.enter(stop.signal)).rejects.toThrow('given up')
})
