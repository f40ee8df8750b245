/** Hand-over of models: the runner of an agent that ends serves until the runner of the next agent has the models. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import { freePort } from '@skerry/testkit/free-port'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { isAlive, notePredecessor, readPredecessor } from '../../src/runner/handover/predecessor.ts'
import { superviseRunner } from '../../src/runner/runner-supervisor.ts'

const MODEL = fileURLToPath(new URL('../../../../packages/inference/test-data/times-2.onnx', import.meta.url))
const item = buildDesiredItem({ name: 'times-2', version: 2 })

let data: string
let port: number

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'skerry-hand-over-'))
  port = await freePort()
  onTestFinished(() => rm(data, { recursive: true }))
})

/** The control of one agent, with a runner that is ready. */
async function control(rest = port) {
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const address = (at: number) => ({ host: '127.0.0.1', port: at })
  const runner = superviseRunner(
    { rest: address(rest), grpc: address(0), version: '0.1.0', logLevel: 'info', modelMemoryBytes: 2 ** 30 },
    { clock: systemClock, random: () => 0.5, log },
    {
      expected: () => [{ name: item.name, version: String(item.version) }],
      predecessor: () => readPredecessor(data),
      onReady() {},
      onRefused() {},
      onBeat() {},
      onScaled() {},
      onLog() {},
      onCaptured() {},
      onEnd() {},
      onTelemetry: async () => ({ kind: 'refused', message: 'no hub' }),
    },
  )
  await until(() => runner.loaded() !== undefined)
  return runner
}

type Control = Awaited<ReturnType<typeof control>>

async function serve(runner: Control): Promise<void> {
  expect(await runner.load(item, { kind: 'model', files: { modelPath: MODEL } }, 'shared')).toEqual({ ok: true })
  expect(await runner.activate(item)).toEqual({ ok: true })
}

/** Leaves the runner behind, and returns its note. */
async function leave(runner: Control, { launcherPid = process.pid, seconds = 60 } = {}) {
  expect(await runner.leave({ launcherPid, seconds }, (left) => notePredecessor(nodeFileSystem, data, left))).toBe(true)
  await runner[Symbol.asyncDispose]()
  const left = readPredecessor(data)
  if (!left) throw new Error('there is no note of the runner')
  onTestFinished(() => {
    if (isAlive(left)) process.kill(left.pid, 'SIGKILL')
  })
  return left
}

const BODY = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] })

/** The status of one request, or the error of its connection. */
const ask = (agent?: Agent) =>
  new Promise<number | string | undefined>((resolve) => {
    const place = { host: '127.0.0.1', port, path: '/v2/models/times-2/infer', method: 'POST', agent }
    request(place, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      .end(BODY)
  })

/** Sends requests, over one connection that stays open and over new ones, until `stop`. */
function askOn() {
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  const answers = new Map<number | string | undefined, number>()
  let isStopped = false
  const loop = async (agent: Agent | undefined) => {
    while (!isStopped) {
      const answer = await ask(agent)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
  }
  const both = Promise.all([loop(kept), loop(new Agent({ keepAlive: false }))])
  return {
    answers,
    async stop() {
      isStopped = true
      await both
      kept.destroy()
      return [...answers.keys()]
    },
  }
}

test('each request is answered while the runner of one agent takes the place of that of another', async () => {
  const before = await control()
  await serve(before)
  const asking = askOn()
  const left = await leave(before)
  await using after = await control()
  const answered = asking.answers.get(200) ?? 0
  await until(() => (asking.answers.get(200) ?? 0) > answered + 10)
  expect(isAlive(left), 'the earlier runner serves until the next one has the model').toBe(true)
  await serve(after)
  await until(() => !isAlive(left))
  expect(await ask()).toBe(200)
  expect(await asking.stop()).toEqual([200])
})

test('a runner that was left ends with its launcher, and frees its ports', async () => {
  const launcher = spawn('sleep', ['600'])
  onTestFinished(() => void launcher.kill('SIGKILL'))
  const before = await control()
  await serve(before)
  const left = await leave(before, { launcherPid: Number(launcher.pid) })
  expect(await ask()).toBe(200)
  launcher.kill('SIGKILL')
  await until(() => !isAlive(left))
  expect(await ask()).toBe('ECONNREFUSED')
  expect(readPredecessor(data)).toBeUndefined()
})

test(
  'a runner that nobody takes over from ends when its time is over',
  deep('a third end of the same wait, and seconds of waiting'),
  async () => {
    const before = await control()
    await serve(before)
    const left = await leave(before, { seconds: 1 })
    await until(() => !isAlive(left))
    expect(await ask()).toBe('ECONNREFUSED')
  },
)

test(
  'a next runner that is killed before it has the models leaves the earlier one serving',
  deep('another start of a runner; the quick test shows the way'),
  async () => {
    const before = await control(0)
    await serve(before)
    port = before.endpoints().rest?.port ?? 0
    const left = await leave(before)
    const next = await control(0)
    expect(next.endpoints().rest?.port, 'a port that was picked freely stays').toBe(port)
    await next[Symbol.asyncDispose]()
    expect(await ask()).toBe(200)
    await using third = await control(0)
    await serve(third)
    await until(() => !isAlive(left))
    expect(await ask()).toBe(200)
  },
)
