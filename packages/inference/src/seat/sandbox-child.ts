/** The process of the sandbox: one order, one answer. The model runs in a worker, so that this thread notices its parent's end. */
import { setPriority } from 'node:os'
import type { Serving } from '@skerry/contract/models/serving'
import { createModelHost } from '../host/model-host.ts'
import { telemetryProblem } from '../runtime/runtime-telemetry.ts'
import type { SandboxOrder, SandboxReport, SandboxResult } from './sandbox.ts'

const SETTINGS: Serving = {
  instances: 1,
  threads: 1,
  spin: false,
  queueMax: 1,
  deadlineMs: 1,
  maxBatch: 1,
  maxDelayMs: 0,
  warmUpRuns: 0,
  isolation: 'shared',
  onCrash: 'stop',
}

/** [sched(7)] A third of the share of a usual process: the hub answers others while it tries models, and trials end in time on a busy machine. */
const NICENESS = 5

/** The last inference of a model that serves nobody has no date. */
const clock = { nowMs: () => 0 }

async function tryModel({ modelPath, cases }: SandboxOrder): Promise<SandboxResult> {
  const problem = telemetryProblem(process.env)
  if (problem !== undefined) return { ok: false, code: 'model_load_failed', message: problem }
  const host = createModelHost({ clock })
  // The parent keeps the time, and kills this process whatever it does.
  const { signal } = new AbortController()
  const loaded = await host.load({ slot: 'tried', modelPath, settings: SETTINGS, signal })
  if (!loaded.ok) return { ok: false, code: 'model_load_failed', message: loaded.message }
  report({ kind: 'loaded' })
  const run = await host.golden('tried', cases, signal)
  if (run.ok) return { ok: true, signature: loaded.signature, outputs: run.outputs }
  return { ok: false, code: run.code === 'golden_invalid' ? 'golden_invalid' : 'golden_failed', message: run.message }
}

const report = (message: SandboxReport) => process.send?.(message)

setPriority(NICENESS)
// A run that blocks its thread would keep an orphan alive for ever; nothing but a kill ends native code.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (order: SandboxOrder) => {
  void tryModel(order).then((result) => report({ kind: 'result', result }))
})
