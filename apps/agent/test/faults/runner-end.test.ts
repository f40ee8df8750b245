import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { RunnerCrash } from '@skerry/core/device/crash-blame'
import { TELEMETRY_OFF } from '@skerry/inference/runtime/runtime-telemetry'
import { systemClock } from '@skerry/platform/process/clock'
import type { LogFields } from '@skerry/platform/process/log'
import { freePort } from '@skerry/testkit/free-port'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { deep, strict } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { expect, onTestFinished, test } from 'vitest'
import type { RunnerTask } from '../../src/runner/runner-message.ts'
import { superviseRunner } from '../../src/runner/runner-supervisor.ts'

const SCRIPT = new URL('../../src/runner/runner-main.ts', import.meta.url)

/** Control from a runner's view: a pipe that ends when control does. */
async function startRunner(variable: NodeJS.ProcessEnv = TELEMETRY_OFF) {
  const port = await freePort()
  const host = '127.0.0.1'
  const task: RunnerTask = {
    rest: { host, port },
    grpc: { host, port: 0 },
    version: '0.1.0',
    logLevel: 'info',
    modelMemoryBytes: 2 ** 30,
    expected: [],
  }
  const env = { PATH: process.env.PATH, ...variable }
  const options: ForkOptions = { serialization: 'advanced', execArgv: [], stdio: 'ignore', env }
  const child = fork(SCRIPT, [JSON.stringify(task)], options)
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, port }
}

/** It ends within its two seconds of grace, without a kill of ours. */
async function expectEnd(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit', { signal: AbortSignal.timeout(PATIENCE_MS) })
  expect(child.signalCode).toBeNull()
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
  socket.destroy()
  return isOpen
}

test(
  'a runner that loses its control during a load ends, and does not hold the port of the next one',
  strict('a race of a load and the end of control'),
  async () => {
    const { child } = await startRunner()
    child.disconnect()
    await expectEnd(child)
  },
)

test.each([1, 2, 3])(
  'a runner that loses its control while it opens its servers ends, too, time %i',
  deep('the same race at another moment, three times'),
  async () => {
    const { child, port } = await startRunner()
    await until(() => isListening(port), { everyMs: 1 })
    // REST is open, gRPC is not yet.
    child.disconnect()
    await expectEnd(child)
  },
)

test('a runner whose runtime would send telemetry says so, and does not start', async () => {
  const { child, port } = await startRunner({})
  const [message] = await once(child, 'message')
  expect(message).toMatchObject({ kind: 'refused', cause: { code: 'runtime_telemetry_on' } })
  await expectEnd(child)
  expect(child.exitCode).toBe(1)
  expect(await isListening(port)).toBe(false)
})

const modelPath = (name: string) =>
  fileURLToPath(new URL(`../../../../packages/inference/test-data/${name}.onnx`, import.meta.url))

/** A runner that is ready, in control's form, and the ends of those before it. */
async function supervise() {
  const local = { host: '127.0.0.1', port: 0 }
  let pid = 0
  const log = {
    debug() {},
    warn() {},
    error() {},
    child: () => log,
    info(_: string, fields?: LogFields) {
      pid = Number(fields?.runnerPid)
    },
  }
  const ends: RunnerCrash[] = []
  const runner = superviseRunner(
    { rest: local, grpc: local, version: '0.1.0', logLevel: 'info', modelMemoryBytes: 2 ** 30 },
    { clock: systemClock, random: () => 0.5, log },
    {
      expected: () => [],
      predecessor: () => undefined,
      onReady() {},
      onRefused() {},
      onBeat() {},
      onScaled() {},
      onLog() {},
      onCaptured() {},
      onEnd: (crash) => void ends.push(crash),
      onTelemetry: async () => ({ kind: 'refused', message: 'no hub' }),
    },
  )
  await until(() => runner.loaded() !== undefined)
  return { runner, ends, pid: () => pid }
}

const fileOf = (name: string) => ({ kind: 'model' as const, files: { modelPath: modelPath(name) } })

const neighbour = buildDesiredItem({ name: 'times-2', version: 2 })
const apart = buildDesiredItem({ name: 'times-3', version: 3 })

test(
  'a crash of a runner does not name a version in a process of its own, not even during its load',
  deep('a second model in another process; isolation.test.ts is quick'),
  async () => {
    const { runner, ends, pid } = await supervise()
    await using _ = runner
    expect(await runner.load(neighbour, fileOf('times-2'), 'shared')).toEqual({ ok: true })
    expect(await runner.load(apart, fileOf('times-3'), 'process')).toEqual({ ok: true })
    const loading = runner.load({ ...apart, version: 4 }, fileOf('times-3'), 'process')
    process.kill(pid(), 'SIGSEGV')
    expect(await loading).toMatchObject({ ok: false, code: 'runner_gone' })
    await until(() => ends.length > 0)
    expect(ends).toMatchObject([{ kind: 'crashed', running: [], loaded: [neighbour] }])
    expect(ends[0]?.busyWith).toBeUndefined()
  },
)

test(
  'a runner that is ended because of a stuck model blames none of its neighbours',
  deep('a second cause of the same restart; isolation shows a neighbour that goes on'),
  async () => {
    const { runner, ends } = await supervise()
    await using _ = runner
    const spin = buildDesiredItem({ name: 'spin', version: 1, serving: { deadlineMs: 100, warmUpRuns: 0 } })
    for (const item of [spin, neighbour]) {
      expect(await runner.load(item, fileOf(item.name), 'shared')).toEqual({ ok: true })
      expect(await runner.activate(item)).toEqual({ ok: true })
    }
    const { rest } = runner.endpoints()
    const body = { inputs: [{ name: 'steps', datatype: 'INT64', shape: [1], data: [1_000_000_000] }] }
    const url = `http://127.0.0.1:${rest?.port}/v2/models/spin/infer`
    expect((await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status).toBe(504)
    expect(await runner.unload(spin)).toMatchObject({ ok: false, code: 'slot_stuck' })
    await until(() => ends.length > 0)
    expect(ends).toMatchObject([{ kind: 'refused', loaded: [neighbour] }])
    expect(ends[0]?.message).toContain('does not end')
  },
)
