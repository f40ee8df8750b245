import { systemClock } from '@skerry/platform/process/clock'
import { bootMs, openLeaseGate } from '@skerry/platform/process/lease-gate'
import { expect, test } from 'vitest'
import { passiveAnswer } from './connection-file.ts'
import { createSinkTrials } from './sink-trials.ts'
import { createSourceTrials } from './source-trial.ts'

test('the passive device of a pair answers tests of sources and sinks with a refusal', async () => {
  const gate = openLeaseGate()
  const means = { secrets: {}, folder: '/nowhere', stateFolder: '/nowhere' }
  const deps = { clock: systemClock, random: () => 0, gate: gate.memory }
  const tests = () => [
    createSinkTrials(deps)({ text: '{}', isSent: true, waitMs: 1 }, means),
    createSourceTrials(deps)({ text: '{}', tags: undefined, waitMs: 1 }, means),
  ]
  gate.become({ untilMs: 0, epoch: 0 })
  for (const answer of await Promise.all(tests())) {
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('not the active one of its pair') })
  }
  gate.become({ untilMs: bootMs() + 60_000, epoch: 3 })
  for (const answer of await Promise.all(tests())) {
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('this agent cannot run it') })
  }
  gate.become(undefined)
  expect(passiveAnswer(gate.memory)).toBeUndefined()
  expect(passiveAnswer(undefined)).toBeUndefined()
})
