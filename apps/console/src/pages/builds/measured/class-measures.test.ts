import type { ClassChoice, Measurement } from '@skerry/contract/builds/measurement'
import { expect, test } from 'vitest'
import { classMeasures, sessionForms } from './class-measures.ts'

const measured = (hardwareClass: string, build: string | undefined, device: string) =>
  ({ hardwareClass, build, device }) as Measurement
const builds = [{ id: 'bld_a' }, { id: 'bld_b' }]

test('the newest measurement of each form counts, and a form without one is shown without', () => {
  const measurements = [
    measured('x64-4c', 'bld_a', 'new'),
    measured('x64-4c', undefined, 'new'),
    measured('x64-4c', 'bld_a', 'old'),
  ]
  const [only, ...others] = classMeasures({ measurements, choices: undefined, builds })
  expect(others).toEqual([])
  expect(only?.forms.map(({ key, measurement }) => [key, measurement?.device])).toEqual([
    ['version', 'new'],
    ['bld_a', 'new'],
    ['bld_b', undefined],
  ])
})

test('the choice of a class marks one form, and gives the reason of the others', () => {
  const choices = [
    {
      hardwareClass: 'x64-4c',
      build: 'bld_a',
      candidates: [
        { build: 'bld_a', reason: 'best' },
        { build: 'bld_b', reason: 'slower' },
      ],
    },
    { hardwareClass: 'arm64-2c', candidates: [{ build: 'bld_a', reason: 'unmeasured' }] },
  ] as unknown as ClassChoice[]
  const all = classMeasures({ measurements: [measured('x64-4c', 'bld_a', 'one')], choices, builds })
  expect(all.map(({ hardwareClass, isMeasured }) => [hardwareClass, isMeasured])).toEqual([
    ['x64-4c', true],
    ['arm64-2c', false],
  ])
  expect(all[0]?.forms.map(({ isChosen, reason }) => [isChosen, reason])).toEqual([
    [false, undefined],
    [true, 'best'],
    [false, 'slower'],
  ])
  expect(all[1]?.forms[0]).toMatchObject({ key: 'version', isChosen: true })
})

test('a form has a row for each of the other settings with which it was measured', () => {
  const timing = { n: 20, p50Ms: 4, p95Ms: 5, peakBytes: 1 }
  const sessions = [
    { threads: 2, spin: false, timing },
    { threads: 2, spin: true, problem: { code: 'failed', message: 'its process ended' } },
  ]
  const measurement = { ...measured('x64-2c', 'bld_a', 'press-1'), threads: 1, timing, sessions }
  const rows = sessionForms({ key: 'bld_a', measurement, isChosen: true, reason: 'best' })
  expect(rows.map(({ settings, form }) => [settings, form.measurement?.threads])).toEqual([
    ['2 threads', 2],
    ['2 threads that spin', 2],
  ])
  expect(rows[1]?.form.measurement).not.toHaveProperty('timing')
  expect(sessionForms({ key: 'bld_b', measurement: undefined, isChosen: false, reason: undefined })).toEqual([])
})
