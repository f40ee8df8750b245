import { ShadowSpec, SwitchOver } from '@skerry/contract/models/serving'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseShadow, parseSwitch, shadowText, switchText } from './stage-text.ts'
import { stageWords } from './stage-words.ts'

const share = fc.integer({ min: 1, max: 10_000 }).map((hundredths) => hundredths / 10_000)
const tolerance = fc.record({
  absolute: fc.constantFrom(0, 1e-7, 0.001, 2),
  relative: fc.constantFrom(0, 1e-7, 0.001, 2),
})
const anyShadow = fc
  .record(
    {
      share,
      minCompared: fc.integer({ min: 1, max: 1_000_000 }),
      seconds: fc.integer({ min: 0, max: 2_592_000 }),
      maxMismatchShare: fc.oneof(fc.constant(0), share),
      tolerance,
      promote: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map((shadow) => ShadowSpec.parse(shadow))

test('what is written for a shadow says the same when it is read', () => {
  fc.assert(
    fc.property(anyShadow, (shadow) => {
      expect(parseShadow(shadowText(shadow))).toEqual(shadow)
    }),
  )
})

test.each([
  ['100', {}],
  [' 20 for 5m ', { minCompared: 20, seconds: 300 }],
  ['100 of 25% within 1.5%', { share: 0.25, maxMismatchShare: 0.015 }],
  ['100 at 0.01/1e-4 only', { tolerance: { absolute: 0.01, relative: 1e-4 }, promote: false }],
])('the shadow %j', (text, shadow) => expect(parseShadow(text)).toEqual(ShadowSpec.parse(shadow)))

test.each([
  '',
  '0',
  'ten',
  '100 for ever',
  '100 of 0%',
  '100 of 101%',
  '100 at 1',
  '100 only for 5m',
  '100 within -1%',
])('%j is no shadow', (text) => expect(parseShadow(text)).toBeUndefined())

test('in words', () => {
  expect(stageWords({})).toEqual([])
  expect(stageWords({ shadow: ShadowSpec.parse({}) })).toEqual([
    'On each device that serves a version already, it first gets a copy of all requests: at least 100 of its answers are compared over at least 10 minutes, and none may be wrong.',
  ])
  const shadow = ShadowSpec.parse({ share: 0.25, maxMismatchShare: 0.01, promote: false })
  expect(stageWords({ shadow })).toEqual([
    'On each device that serves a version already, it only gets a copy of 25 % of the requests and never serves: at least 100 of its answers are compared over at least 10 minutes, and no more than 1 % may be wrong.',
  ])
})

test.each([
  ['approved', {}],
  [' at  once keep 1h', { approval: false, keepSeconds: 3_600 }],
  ['approved keep 0s', { keepSeconds: 0 }],
])('the switch %j', (text, over) => {
  const read = SwitchOver.parse(over)
  expect(parseSwitch(text)).toEqual(read)
  expect(parseSwitch(switchText(read))).toEqual(read)
})

test.each(['', 'never', 'approved keep', 'approved keep 2d', 'at once keep ever'])('%j is no switch', (text) =>
  expect(parseSwitch(text)).toBeUndefined(),
)

test('a switch in words', () => {
  expect(stageWords({ switchOver: SwitchOver.parse({}) })).toEqual([
    'The devices only make it ready at first, beside what they serve. When all have it and a person approves, they all switch to it; the version before stays loaded for 10 minutes after that.',
  ])
  expect(stageWords({ switchOver: { approval: false, keepSeconds: 0 } })[0]).toContain(
    'As soon as all have it, they all switch to it.',
  )
})
