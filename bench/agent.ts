/**
 * agent: the cost of an agent on a device that has one small model: memory of both processes, processor when idle, time
 * from start to serving.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@skerry/testkit/free-port'
import { newHubHome, startAgent, startHub } from '../examples/stage/fleet.ts'
import { startProgram } from '../examples/stage/program.ts'
import { pushModel } from '../examples/stage/push.ts'
import { median } from './serve-parts/serve-latency.ts'
import { cpuMs, rssMb } from './usage/process-use.ts'

/** An odd number, so that the median is a measured value. */
const STARTS = 5

/** Long enough for hundredths of a per cent: a tick of the kernel's clock is 10 ms. */
const IDLE_MS = 30_000

/** Garbage of the start is gone by then. */
const SETTLE_MS = 5_000

const MODEL = new URL('../examples/sensor-anomaly/model-v1.onnx', import.meta.url)
const QUESTION = JSON.stringify({
  inputs: [{ name: 'window', datatype: 'FP32', shape: [1, 8, 2], data: new Array<number>(16).fill(1) }],
})

/** Runs the benchmark; takes a minute or more. */
export async function run(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-agent-'))
  try {
    await using hub = await startHub(await newHubHome(folder))
    const joined = await startAgent(hub, { site: { name: 'bench', kind: 'edge' }, device: 'bench', folder })
    await pushModel(hub, { name: 'bench', bytes: new Uint8Array(await readFile(MODEL)) })
    await hub.client.deployment.apply({ name: 'bench', deployable: 'bench', probation: { seconds: 0 } })
    await untilServing(joined.restUrl)
    await joined.stop()
    const starts = []
    for (let count = 0; count < STARTS; count++) starts.push(await measureStart(join(folder, 'bench'), folder))
    const { control, runner } = await measureIdle(join(folder, 'bench'), folder)
    return {
      benchmark: 'agent',
      startToServingMs: Math.round(median(starts)),
      controlRssMb: control.rssMb,
      runnerRssMb: runner.rssMb,
      controlIdlePercent: control.idlePercent,
      runnerIdlePercent: runner.idlePercent,
      idlePercent: round(control.idlePercent + runner.idlePercent),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function startFromDisk(data: string, logFolder: string) {
  const port = await freePort()
  const args = ['--data', data, '--listen', `127.0.0.1:${port}`, '--grpc', '127.0.0.1:0']
  const program = startProgram({ name: 'agent', entry: 'apps/agent/src/main.ts', args, logFolder })
  return { program, restUrl: `http://127.0.0.1:${port}` }
}

/** Milliseconds from the start of the process until a request is answered. */
async function measureStart(data: string, logFolder: string): Promise<number> {
  const startedMs = performance.now()
  const { program, restUrl } = await startFromDisk(data, logFolder)
  await using _ = program
  await untilServing(restUrl)
  return performance.now() - startedMs
}

async function measureIdle(data: string, logFolder: string) {
  const { program, restUrl } = await startFromDisk(data, logFolder)
  await using _ = program
  await untilServing(restUrl)
  await program.waitFor('link_up')
  const { pid } = await program.waitFor('agent_ready')
  const { runnerPid } = await program.waitFor('runner_ready')
  await sleep(SETTLE_MS)
  const pids = [Number(pid), Number(runnerPid)] as const
  const before = await Promise.all(pids.map(cpuMs))
  await sleep(IDLE_MS)
  const after = await Promise.all(pids.map(cpuMs))
  const [control, runner] = await Promise.all(pids.map(rssMb))
  const percent = (index: number) => round((100 * ((after[index] ?? 0) - (before[index] ?? 0))) / IDLE_MS)
  return {
    control: { rssMb: control ?? 0, idlePercent: percent(0) },
    runner: { rssMb: runner ?? 0, idlePercent: percent(1) },
  }
}

async function untilServing(restUrl: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${restUrl}/v2/models/bench/infer`, { method: 'POST', body: QUESTION }).catch(
      () => undefined,
    )
    await answer?.arrayBuffer()
    if (answer?.ok) return
    await sleep(5)
  }
}

const round = (value: number) => Math.round(value * 100) / 100
