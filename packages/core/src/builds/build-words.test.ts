import type { ClassChoice } from '@skerry/contract/builds/measurement'
import { BuildId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import {
  bestCommand,
  choiceWords,
  type FormFacts,
  formWords,
  isOutdated,
  measureCommand,
  reasonWords,
  speedWords,
} from './build-words.ts'
import { formsWords } from './form-counts.ts'

const FAST = 'x64-vnni-4c'
const ID = BuildId.parse('bld_aaaaaaaaaaaa2222')
const OTHER = BuildId.parse('bld_bbbbbbbbbbbb2222')
const SPEED = { low: 1.28, middle: 1.31, high: 1.34 }
const BEST: ClassChoice = {
  hardwareClass: FAST,
  build: ID,
  recipe: 'static-int8-percentile',
  candidates: [
    { build: ID, recipe: 'static-int8-percentile', reason: 'best', speed: SPEED, device: 'press-2' },
    { build: OTHER, recipe: 'float16', reason: 'slower', speed: { ...SPEED, low: 0.9 }, device: 'press-2' },
  ],
}
const NAMED = { build: ID, recipe: 'static-int8-percentile', hardwareClass: FAST, speed: 1.31, device: 'press-2' }

test('a choice names the build of a class with its figures, or why the class gets none', () => {
  expect(choiceWords(BEST)).toBe(
    `${FAST} gets build static-int8-percentile (${ID}): 1.31 times as fast as the version on ${FAST}, measured on press-2`,
  )
  const { build: _build, ...none } = BEST
  const slower = none.candidates.map((one) => ({ ...one, reason: 'slower' as const }))
  expect(choiceWords({ ...none, candidates: slower })).toContain('no build is faster there for certain')
  const unmeasured = none.candidates.map((one) => ({ ...one, reason: 'unmeasured' as const }))
  expect(choiceWords({ ...none, candidates: unmeasured })).toContain('no device of the class has measured a build')
  expect(choiceWords({ hardwareClass: FAST, candidates: [] })).toBe(
    `${FAST} gets the version itself: the version has no build`,
  )
})

test('a speed is only named with the device that measured it', () => {
  const { device: _device, ...anonymous } = NAMED
  expect(speedWords(anonymous)).toBeUndefined()
  const { hardwareClass: _class, ...unplaced } = NAMED
  expect(speedWords(unplaced)).toBe('1.31 times as fast as the version, measured on press-2')
})

const facts: FormFacts = {
  revision: 3,
  named: undefined,
  choices: [{ hardwareClass: FAST, build: ID }],
  hardwareClass: FAST,
  build: NAMED,
  now: BEST,
}

test.each<[string, Partial<FormFacts>, string | undefined]>([
  ['no build is named', { choices: undefined }, undefined],
  ['one build is named', { named: ID }, `revision 3 gives every device build static-int8-percentile (${ID})`],
  ['the named build is gone', { named: ID, build: undefined }, `revision 3 gives every device build ${ID}`],
  [
    'its class has a build',
    {},
    `it gets build static-int8-percentile (${ID}), which revision 3 fixes for ${FAST}: 1.31 times as fast as the version on ${FAST}, measured on press-2`,
  ],
  [
    'its class has none',
    { choices: [], build: undefined, now: undefined },
    `it gets the version itself: revision 3 fixes no build for ${FAST}`,
  ],
  [
    'its class is unknown',
    { hardwareClass: undefined },
    'it gets the version itself, because its agent does not report the class of its hardware',
  ],
  [
    'newer measurements choose a build',
    { choices: [], build: undefined },
    `it gets the version itself: revision 3 fixes no build for ${FAST}; newer measurements choose build static-int8-percentile (${ID}), once the deployment is applied again`,
  ],
])('the form of a device is explained if %s', (_case, change, words) => {
  expect(formWords({ ...facts, ...change })).toBe(words)
})

test('another goal with priority is named beside the build, and in the reasons', () => {
  expect(choiceWords(BEST, 'smallest')).toContain(`(${ID}), the smallest build: 1.31 times as fast`)
  expect(formWords({ ...facts, prefer: 'smallest' })).toContain('fixes for x64-vnni-4c as the smallest build: 1.31')
  const { build: _build, ...none } = BEST
  expect(choiceWords(none, 'least-memory')).toContain('no build takes less memory and is fast enough there')
  expect(reasonWords('most-accurate').behind).toBe('the answers of another build are nearer to those of the version')
  expect([reasonWords('smallest').larger, reasonWords('least-memory').larger]).toEqual([
    'it takes no less than the version',
    'it takes no less memory than the version',
  ])
})

test('newer measurements may also choose the version itself', () => {
  const { build: _build, ...none } = BEST
  expect(formWords({ ...facts, now: none })).toContain('; newer measurements choose the version itself')
  expect(isOutdated([{ hardwareClass: FAST, build: ID }], BEST)).toBe(false)
  expect(isOutdated([], undefined)).toBe(false)
})

test('the command names the deployment only if it has another name than the model', () => {
  expect(bestCommand('reader', 'reader', 2, 'best')).toBe('skerry deploy reader:2 --build best')
  expect(bestCommand('line-4', 'reader', 2)).toBe('skerry deploy reader:2 --name line-4')
  expect(bestCommand('line-4', 'reader', 2, 'smallest')).toBe('skerry deploy reader:2 --name line-4 --build smallest')
})

test('the devices of each form are counted', () => {
  expect(formsWords(undefined)).toBeUndefined()
  expect(formsWords([])).toBe('no device serves it')
  expect(
    formsWords([
      { version: 2, build: ID, recipe: 'float16', devices: 3 },
      { version: 2, devices: 1 },
    ]),
  ).toBe(`3 serve build float16 (${ID}) of version 2, 1 serves version 2 itself`)
})

test('a class without a measurement has the command that measures the builds on one of its devices', () => {
  const { build: _build, candidates, ...none } = BEST
  const unmeasured = candidates.map(({ build, recipe }) => ({ build, recipe, reason: 'unmeasured' as const }))
  const choice = { ...none, example: 'press-1', candidates: unmeasured }
  const command = `skerry model bench reader:2 --devices 'device.name == "press-1"'`
  expect(measureCommand(choice, 'reader', 2)).toBe(command)
  expect(measureCommand({ ...choice, candidates: [...unmeasured, ...candidates] }, 'reader', 2)).toBeUndefined()
  expect(measureCommand({ ...choice, candidates: [] }, 'reader', 2)).toBeUndefined()
  expect(measureCommand({ ...none, candidates: unmeasured }, 'reader', 2)).toBeUndefined()
})
