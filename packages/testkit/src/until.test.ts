import { expect, test } from 'vitest'
import { stateThat, until } from './until.ts'

const asked = { patienceMs: 0, everyMs: 1 }

test('polls until a value is there, and returns it', async () => {
  const answers = [undefined, false, 0]
  expect(await until(() => answers.shift())).toBe(0)
  const promised = [false, 'late']
  expect(await until(async () => promised.shift(), { everyMs: 1 })).toBe('late')
})

test('after its time, the error names the condition and the last value', async () => {
  await expect(until(() => false, { ...asked, what: 'the line to stand' })).rejects.toThrow(
    'waited 0 s in vain for the line to stand; last seen: false',
  )
  const speeds = [3, 2, 1]
  const isStill = () => speeds.at(-1) === 0
  await expect(until(isStill, { ...asked, seen: () => speeds.at(-1) })).rejects.toThrow('=== 0; last seen: 1')
  await expect(until(() => undefined, { ...asked, what: 'it' })).rejects.toThrow('last seen: undefined')
  const cause = new Error('the door is shut')
  await expect(until(isStill, { ...asked, seen: () => cause })).rejects.toThrow('Error: the door is shut')
})

test('an exception of a look is thrown at once', async () => {
  const look = () => {
    throw new Error('no such tag')
  }
  await expect(until(look)).rejects.toThrow('no such tag')
})

test('polls a state until it matches, and after its time the error has the last one', async () => {
  const counts = [3, 2, 0]
  const read = async () => ({ waiting: counts.shift() ?? 0 })
  expect(await stateThat(read, ({ waiting }) => waiting === 0)).toEqual({ waiting: 0 })
  await expect(stateThat(read, ({ waiting }) => waiting === 7, asked)).rejects.toThrow(
    'waiting === 7; last seen: { waiting: 0 }',
  )
})
