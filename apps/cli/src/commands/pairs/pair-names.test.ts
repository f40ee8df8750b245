import { expect, test } from 'vitest'
import { createPair } from './create.ts'
import { removePair } from './rm.ts'

test.each([
  ['--off', removePair, '../a'],
  ['--members', createPair, 'press-a,../a'],
])('%s refuses a name that no device can have, in words', (flag, { options }, text) => {
  const option = options.find(({ flags }) => flags.startsWith(flag))
  expect(() => option?.read(text)).toThrow(/cannot be ".*": must be 1 to 63 of a-z, 0-9 and -/)
})
