import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deep, strict } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { type AgentProcess, startAgent, temporaryFolder } from '../stage/agent-process.ts'
import { type FakeHub, startFakeHub } from '../stage/fake-hub.ts'
import { infer, timesFiles } from '../stage/models.ts'

/** The runner that is running now. */
const runnerPid = (agent: AgentProcess) =>
  Number(agent.lines.findLast(({ event }) => event === 'runner_ready')?.runnerPid)

async function serveGoodVersion(hub: FakeHub, data: string): Promise<AgentProcess> {
  const agent = startAgent(data, '--join', hub.token)
  await agent.rest()
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  return agent
}

/** Resolves when requests are answered as by this factor. */
async function answers(rest: string, value: number): Promise<void> {
  await expect.poll(() => infer(rest).catch(() => undefined), { interval: 20 }).toMatchObject({ value })
}

test(
  'a native crash while a version is loaded blames that version, and the good one comes back at the same address',
  strict('a race of a crash with the load of a version'),
  async () => {
    await using hub = await startFakeHub()
    await using agent = await serveGoodVersion(hub, await temporaryFolder())
    const rest = await agent.rest()
    const pid = runnerPid(agent)
    // A runner that stands still has its order in hand, and no time to finish it.
    process.kill(pid, 'SIGSTOP')
    hub.desire(hub.publish({ version: 2, files: timesFiles(3) }))
    await hub.item('m', ({ state }) => state === 'loading')
    await agent.logged('step_done', ({ step, version }) => step === 'verify' && version === 2)
    process.kill(pid, 'SIGSEGV')
    process.kill(pid, 'SIGCONT')
    const item = await hub.item('m', ({ state }) => state === 'failed')
    expect(item.cause).toEqual({
      code: 'model_crashed',
      message: 'the runner crashed (SIGSEGV) while the version was in the state loading',
    })
    await answers(rest, 2)
    expect(await hub.item('m', ({ serving }) => serving?.version === 1)).toMatchObject({ state: 'failed' })
  },
)

test(
  'a crash on probation blames the version that is on probation',
  deep('a variant of the load; runner-blame.test.ts decides it'),
  async () => {
    await using hub = await startFakeHub()
    await using agent = await serveGoodVersion(hub, await temporaryFolder())
    hub.desire(hub.publish({ version: 2, files: timesFiles(3), probation: { seconds: 600 } }))
    await hub.item('m', ({ state, serving }) => state === 'probation' && serving?.version === 2)
    process.kill(runnerPid(agent), 'SIGABRT')
    expect(await hub.item('m', ({ state }) => state === 'failed')).toMatchObject({ cause: { code: 'model_crashed' } })
    await answers(await agent.rest(), 2)
  },
)

test(
  'a crash of what has proved itself blames nobody, and it serves again',
  deep('a variant of the load; runner-blame.test.ts decides it'),
  async () => {
    await using hub = await startFakeHub()
    await using agent = await serveGoodVersion(hub, await temporaryFolder())
    const rest = await agent.rest()
    process.kill(runnerPid(agent), 'SIGSEGV')
    await agent.logged('runner_ended')
    await answers(rest, 2)
    expect(await hub.item('m', ({ serving }) => serving?.version === 1)).toMatchObject({ state: 'active' })
  },
)

test(
  'a runner that hangs is killed, and its version on probation is blamed',
  deep('waits for the watchdog; runner-blame.test.ts decides it'),
  async () => {
    await using hub = await startFakeHub()
    await using agent = await serveGoodVersion(hub, await temporaryFolder())
    hub.desire(hub.publish({ version: 2, files: timesFiles(3), probation: { seconds: 600 } }))
    await hub.item('m', ({ state, serving }) => state === 'probation' && serving?.version === 2)
    process.kill(runnerPid(agent), 'SIGSTOP')
    const item = await hub.item('m', ({ state }) => state === 'failed')
    expect(item.cause?.message).toContain('did not respond for too long')
    await answers(await agent.rest(), 2)
  },
)

test(
  'when everything goes down with an activation again and again, the next start refuses it and serves what is good',
  deep('kills in a loop; the crash while a version is loaded is quick'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const starts = [await serveGoodVersion(hub, data)]
    hub.desire(hub.publish({ version: 2, files: timesFiles(3), probation: { seconds: 600 } }))
    for (let count = 1; count <= 3; count++) {
      const agent = starts.at(-1) as AgentProcess
      await agent.logged('step_done', ({ step, version }) => step === 'verify' && version === 2)
      // Loading takes a worker's start, some hundred milliseconds: all goes down in the middle of it.
      await agent.kill()
      starts.push(startAgent(data))
    }
    await using last = starts.at(-1) as AgentProcess
    const item = await hub.item('m', ({ state, serving }) => state === 'failed' && serving?.version === 1)
    expect(item.cause).toMatchObject({ code: 'activation_interrupted' })
    await answers(await last.rest(), 2)
  },
)

test(
  'a blob that the disk damaged is never loaded, is named, and is fetched again',
  deep('apps/cli/test/tampering shows it with a real hub'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const first = await serveGoodVersion(hub, data)
    await first.kill('SIGTERM')
    const [item] = hub.reports.at(-1)?.items ?? []
    const version = hub.publish({ version: 1, files: timesFiles(2) })
    expect(item?.target.digest).toBe(version.digest)
    const hex = version.files.find(({ path }) => path === 'model.onnx')?.digest.slice('sha256:'.length) ?? ''
    const path = join(data, 'blobs', 'sha256', hex.slice(0, 2), hex)
    const bytes = await readFile(path)
    bytes[bytes.length - 8] = (bytes[bytes.length - 8] ?? 0) ^ 1
    await writeFile(path, bytes)
    hub.answers.blob = () => undefined
    const second = startAgent(data)
    const named = await hub.item('m', ({ cause, serving }) => cause !== undefined && serving === undefined)
    expect(['blob_damaged', 'blob_unknown']).toContain(named.cause?.code)
    expect(await infer(await second.rest())).toMatchObject({ status: 503 })
    await second.kill('SIGTERM')
    delete hub.answers.blob
    await using third = startAgent(data)
    await answers(await third.rest(), 2)
    const healed = await hub.item('m', ({ serving }) => serving?.version === 1)
    expect([healed.state, healed.cause]).toEqual(['active', undefined])
  },
)
