import { strict } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { crashByDivision, divide, divideModel, infer, timesFiles } from './stage/models.ts'

const endsOf = (agent: ReturnType<typeof startAgent>) =>
  agent.lines.filter(({ event }) => event === 'runner_ended').length

/** Resolves when the model answers. */
const divides = (rest: string) => expect.poll(() => divide(rest, 6, 3), { interval: 20 }).toBe(200)

test(
  'a model that crashes the runner twice goes on in a process of its own, later stays stopped, and its neighbour goes on',
  strict('crashes, and who is blamed for them'),
  async () => {
    await using hub = await startFakeHub()
    await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
    const rest = await agent.rest()
    const probation = { seconds: 1 }
    const divider = { model: 'divide', version: 1, files: { 'model.onnx': divideModel() }, probation }
    const neighbour = hub.publish({ version: 1, files: timesFiles(2), probation })
    hub.desire(neighbour, hub.publish(divider))
    await hub.item('divide', ({ state }) => state === 'active')
    await hub.item('m', ({ state }) => state === 'active')
    await divides(rest)

    await crashByDivision(rest)
    const suspected = await hub.item('divide', ({ cause }) => cause?.code === 'model_suspected')
    expect(suspected.cause?.message).toContain('divide version 1 is suspected after 1 crash while it ran')
    await divides(rest)
    await expect.poll(() => infer(rest).catch(() => undefined), { interval: 20 }).toMatchObject({ value: 2 })

    await crashByDivision(rest)
    const isolated = await hub.reported('the isolation', ({ conditions }) =>
      conditions.some(({ code }) => code === 'model_crashing'),
    )
    expect(isolated.conditions[0]?.message).toContain('divide version 1 runs in a process of its own after 2 crashes')
    expect(endsOf(agent)).toBe(2)
    await divides(rest)
    await expect.poll(() => infer(rest).catch(() => undefined), { interval: 20 }).toMatchObject({ value: 2 })

    // From here on the neighbour answers every request.
    let isOver = false
    const answers: number[] = []
    const asking = (async () => {
      while (!isOver) answers.push((await infer(rest)).status)
    })()
    for (let crash = 3; crash <= 5; crash++) {
      await divides(rest)
      expect(await crashByDivision(rest)).toBe(500)
    }
    const stopped = await hub.item('divide', ({ cause }) => cause?.code === 'model_stopped')
    expect(stopped.serving).toBeUndefined()
    isOver = true
    await asking
    expect(answers.length).toBeGreaterThan(10)
    expect(new Set(answers)).toEqual(new Set([200]))
    expect(endsOf(agent)).toBe(2)
    const m = await hub.item('m', ({ state }) => state === 'active')
    expect([m.cause, m.stats?.restarts]).toEqual([undefined, 0])
    expect(await divide(rest, 6, 3)).toBe(503)

    // A person has it try again: it begins as if nothing had been.
    hub.desire(neighbour, { ...hub.publish(divider), retryToken: 1 })
    await divides(rest)
    await hub.reported('no condition', ({ conditions }) => conditions.length === 0)
  },
)
