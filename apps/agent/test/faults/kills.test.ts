import { freePort } from '@skerry/testkit/free-port'
import { rounds, strict } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { type AgentProcess, startAgent, temporaryFolder } from '../stage/agent-process.ts'
import { startFakeHub } from '../stage/fake-hub.ts'
import { type Answer, infer, timesFiles } from '../stage/models.ts'

/** A failure prints its seed, so that it can be repeated. */
const SEED = Number(process.env.SKERRY_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Mulberry32: small, and the same on every machine. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const KILLS = rounds({ quick: 4, deep: 20 })

test(
  `kill -9 of control and runner at random moments over updates ends converged, and no answer is ever wrong (seed ${SEED})`,
  strict('random kills: a failure is a finding'),
  async () => {
    const random = randomOf(SEED)
    const port = await freePort()
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const start = () => startAgent(data, '--join', hub.token, '--listen', `127.0.0.1:${port}`)
    let agent: AgentProcess = start()
    const rest = `http://127.0.0.1:${port}`
    const files = (version: number) => ({ ...timesFiles(version + 1), 'side.bin': Buffer.alloc(2_000_000, version) })
    hub.desire(hub.publish({ version: 1, files: files(1) }))
    await hub.item('m', ({ state }) => state === 'active')

    const wrong: unknown[] = []
    const counts = { right: 0, none: 0, unready: 0 }
    let isOver = false
    const note = (answer: Answer | undefined) => {
      if (answer === undefined) counts.none++
      else if (answer.status === 503) counts.unready++
      else if (answer.value === Number(answer.version) + 1) counts.right++
      else wrong.push(answer)
    }
    const asking = (async () => {
      while (!isOver) {
        note(await infer(rest).catch(() => undefined))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    let version = 1
    for (let kill = 0; kill < KILLS; kill++) {
      if (kill % 2 === 0)
        hub.desire(hub.publish({ version: ++version, files: files(version), probation: { seconds: 1 } }))
      await new Promise((resolve) => setTimeout(resolve, random() * 1_500))
      const runnerPid = agent.lines.findLast(({ event }) => event === 'runner_ready')?.runnerPid
      if (random() < 0.5 && runnerPid !== undefined) {
        try {
          process.kill(Number(runnerPid), 'SIGKILL')
        } catch {
          // It has just ended by itself.
        }
        continue
      }
      await agent.kill()
      agent = start()
    }
    await using last = agent
    const item = await hub.item(
      'm',
      ({ state, target }) => target.version === version && ['active', 'failed'].includes(state),
    )
    const served = await hub.item('m', ({ serving }) => serving !== undefined)
    isOver = true
    await asking
    expect(wrong).toEqual([])
    expect(counts.right, JSON.stringify(counts)).toBeGreaterThan(0)
    expect(item.cause?.code ?? 'activation_interrupted').toBe('activation_interrupted')
    if (item.state === 'active') expect(served.serving?.version).toBe(version)
    const lastRest = await last.rest()
    // The last kill may have hit the runner. The client still has its connections.
    await expect.poll(() => infer(lastRest).catch(() => undefined)).toMatchObject({ status: 200 })
  },
)

test(
  'a swap under load loses no request and mixes no versions',
  strict('a swap is a race of requests and versions'),
  async () => {
    await using hub = await startFakeHub()
    await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
    const rest = await agent.rest()
    const publish = (version: number) => hub.publish({ version, files: timesFiles(version + 1) })
    hub.desire(publish(1))
    await hub.item('m', ({ state }) => state === 'active')
    const answers: Awaited<ReturnType<typeof infer>>[] = []
    let isOver = false
    const clients = Array.from({ length: 8 }, async () => {
      while (!isOver) answers.push(await infer(rest))
    })
    for (const version of [2, 3, 4]) {
      hub.desire(publish(version))
      await hub.item('m', ({ state, target }) => state === 'active' && target.version === version)
    }
    isOver = true
    await Promise.all(clients)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(answers.filter(({ version, value }) => value !== Number(version) + 1)).toEqual([])
    expect([...new Set(answers.map(({ version }) => version))]).toEqual(['1', '2', '3', '4'])
  },
)
