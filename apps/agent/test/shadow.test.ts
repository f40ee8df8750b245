import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { type AgentProcess, startAgent, temporaryFolder } from './stage/agent-process.ts'
import { type FakeHub, type FakeVersion, startFakeHub } from './stage/fake-hub.ts'
import { infer, timesFiles } from './stage/models.ts'

const shadow = { minCompared: 20, seconds: 0 }

/** An agent that serves twice what it is asked, and a second version that shall be compared with that. */
async function startShadow(hub: FakeHub, version: Omit<FakeVersion, 'version'>): Promise<AgentProcess> {
  const agent = startAgent(await temporaryFolder(), '--join', hub.token)
  await agent.rest()
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  hub.desire(hub.publish({ version: 2, probation: { seconds: 0 }, ...version }))
  return agent
}

/** Asks until the promise resolves; gives what was answered. */
async function askUntil<T>(rest: string, done: Promise<T>): Promise<{ end: T; answers: Set<unknown> }> {
  const answers = new Set<unknown>()
  let end: { it: T } | undefined
  const ended = done.then((it) => {
    end = { it }
  })
  while (!end) {
    const { value, version, status } = await infer(rest)
    answers.add(`${status} ${version} ${value}`)
    await Promise.race([ended, new Promise((resolve) => setImmediate(resolve))])
  }
  return { end: end.it, answers }
}

test('a shadow that answers alike is let serve, and the report says what was compared', async () => {
  await using hub = await startFakeHub()
  await using agent = await startShadow(hub, { files: timesFiles(2.0001), shadow })
  const { end, answers } = await askUntil(
    await agent.rest(),
    hub.item('m', ({ state, target }) => state === 'active' && target.version === 2),
  )
  expect(end).toMatchObject({ serving: { version: 2 }, shadow: { mismatched: 0, errors: 0 } })
  expect(end.shadow?.compared).toBeGreaterThanOrEqual(20)
  expect(end.shadow?.maxDifference).toBeCloseTo(0.0001, 6)
  for (const answer of answers) expect(answer).toMatch(/^200 (1 2|2 2\.000(1|09)\d*)$/)
})

test('a shadow that answers otherwise is refused, and nobody ever got its answers', async () => {
  await using hub = await startFakeHub()
  await using agent = await startShadow(hub, { files: timesFiles(3), shadow })
  const { end, answers } = await askUntil(
    await agent.rest(),
    hub.item('m', ({ state }) => state === 'failed'),
  )
  expect(end).toMatchObject({
    cause: { code: 'shadow_mismatch' },
    serving: { version: 1 },
    shadow: { matched: 0, maxDifference: 1 },
  })
  expect([...answers]).toEqual(['200 1 2'])
})

test(
  'a crash of the runner while there is a shadow blames the shadow',
  deep('a variant of the crash while a version is loaded, in crashes.test.ts'),
  async () => {
    await using hub = await startFakeHub()
    await using agent = await startShadow(hub, { files: timesFiles(2.0001), shadow: { seconds: 600 } })
    await hub.item('m', ({ state }) => state === 'shadow')
    await agent.logged('step_done', ({ step }) => step === 'shadow')
    process.kill(Number(agent.lines.findLast(({ event }) => event === 'runner_ready')?.runnerPid), 'SIGABRT')
    const { cause } = await hub.item('m', ({ state }) => state === 'failed')
    expect(cause).toEqual({
      code: 'model_crashed',
      message: 'the runner crashed (SIGABRT) while the version was in the state shadow',
    })
    const rest = await agent.rest()
    await expect.poll(() => infer(rest).catch(() => undefined), { interval: 20 }).toMatchObject({ value: 2 })
  },
)

test(
  'a version with another signature cannot be a shadow',
  deep('a variant of the shadow that is refused; core compares signatures'),
  async () => {
    const wider = buildModel({
      nodes: [{ operator: 'Identity', inputs: ['z'], outputs: ['y'] }],
      inputs: [{ name: 'z', datatype: 'FP32', shape: [-1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
      initialisers: [],
    })
    await using hub = await startFakeHub()
    await using agent = await startShadow(hub, { files: { 'model.onnx': writeModel(wider) }, shadow })
    const { cause } = await hub.item('m', ({ state }) => state === 'failed')
    expect(cause?.code).toBe('shadow_signature_differs')
    expect(await infer(await agent.rest())).toMatchObject({ value: 2 })
  },
)

test('what is held waits ready beside the version that serves, and serves at once when it is let go', async () => {
  await using hub = await startFakeHub()
  await using agent = await startShadow(hub, { files: timesFiles(3), hold: true })
  const rest = await agent.rest()
  expect(await hub.item('m', ({ state }) => state === 'ready')).toMatchObject({ held: true, serving: { version: 1 } })
  expect(await infer(rest)).toMatchObject({ value: 2 })
  hub.desire(hub.publish({ version: 2, files: timesFiles(3), probation: { seconds: 0 } }))
  await hub.item('m', ({ state, serving }) => state === 'active' && serving?.version === 2)
  expect(await infer(rest)).toMatchObject({ value: 3 })
  expect(
    agent.lines.filter(({ event, step, version }) => event === 'step_done' && step === 'load' && version === 2),
  ).toHaveLength(1)
})
