import { expect, test } from 'vitest'
import { runningOnWords, runningWords, versionCountWords, wantedWords } from './version-words.ts'

const on = (version: number, devices: number) => ({ version, devices })

test('a version that is named has its number, even if it is 0', () => {
  const counts = { versions: [on(1, 2)], none: 0, failed: 1 }
  expect(versionCountWords(counts, [2])).toBe('v1 on 2, v2 on 0; failed on 1 of these')
  expect(versionCountWords({ versions: [], none: 3 }, [1])).toBe('v1 on 0, none on 3')
  expect(versionCountWords({ versions: [], none: 0 })).toBe('no devices')
  expect(versionCountWords({ versions: [on(1, 1_000)], none: 0 }, [], (value) => `${value}!`)).toBe('v1 on 1000!')
})

test('of many versions the named and the most frequent ones are shown', () => {
  const versions = [on(1, 5), on(2, 1), on(3, 9), on(4, 1), on(5, 8), on(6, 7), on(7, 6)]
  expect(versionCountWords({ versions, none: 0 }, [2])).toBe(
    'v2 on 1, v3 on 9, v5 on 8, v6 on 7, v7 on 6, 2 other versions on 6',
  )
})

test('both facts are in words, and absent for a hub that does not know them', () => {
  const wanted = { versions: [on(1, 2)], none: 0 }
  const running = { versions: [on(1, 1)], none: 1, failed: 1 }
  expect(wantedWords({ version: 2, wanted, running })).toBe('v1 on 2')
  expect(runningWords({ version: 2, wanted, running })).toBe('v1 on 1, v2 on 0, none on 1; failed on 1 of these')
  expect([wantedWords({ version: 2 }), runningWords({ version: 2 })]).toEqual([undefined, undefined])
})

test('a build is named: one for all devices of a version, or each with its number', () => {
  const versions = [on(1, 1), on(2, 3)]
  const float16 = { version: 2, recipe: 'float16', devices: 3 }
  expect(versionCountWords({ versions, none: 0, builds: [float16] })).toBe('v1 on 1, v2 on 3 (float16)')
  expect(versionCountWords({ versions, none: 0, builds: [{ ...float16, devices: 2 }] })).toBe(
    'v1 on 1, v2 on 3 (float16 on 2)',
  )
})

test('a silent device does not run its version in the present: the words name its last report', () => {
  const running = { versions: [{ version: 2, devices: 2, silent: 1 }], none: 0, failed: 0 }
  expect(runningWords({ version: 2, running })).toBe('v2 on 1, 1 silent (last reported v2)')
  const stopped = { versions: [{ version: 2, devices: 2, silent: 2 }], none: 0, failed: 1 }
  expect(runningWords({ version: 2, running: stopped })).toBe(
    'v2 on 0, 2 silent (last reported v2); failed on 1 of these',
  )
  expect(versionCountWords(stopped), 'a version that is not named').toBe(
    '2 silent (last reported v2); failed on 1 of these',
  )
})

test('silent devices with several versions are counted for each, and the builds are those of all devices', () => {
  const versions = [
    { version: 1, devices: 2, silent: 1 },
    { version: 2, devices: 5, silent: 2 },
    { version: 3, devices: 1, silent: 1 },
  ]
  const builds = [
    { version: 2, recipe: 'float16', devices: 5 },
    { version: 3, recipe: 'int8', devices: 1 },
  ]
  expect(versionCountWords({ versions, none: 1, builds }, [3])).toBe(
    'v1 on 1, v2 on 3 (float16), v3 on 0, none on 1, 4 silent (last reported v1 on 1, v2 on 2, v3 on 1)',
  )
})

test('the devices of one version are counted apart from the silent ones', () => {
  expect(runningOnWords({ devices: 1 })).toBe('1 device')
  expect(runningOnWords({ devices: 2, silent: 1 })).toBe('1 device, 1 silent (its last report had it)')
  expect(runningOnWords({ devices: 1_000, silent: 2 }, (value) => `${value}!`)).toBe(
    '998! devices, 2! silent (their last reports had it)',
  )
})
