/**
 * Sandbox: whether the runtime can load a model, and what it answers to golden cases, tried in a process of its own. What a
 * hostile or broken model does there (crash, hang, take all memory) is a value here.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GoldenInputCase } from '@skerry/contract/golden'
import type { Tensor } from '@skerry/contract/tensor'
import { TELEMETRY_OFF } from './runtime-telemetry.ts'
import type { Signature } from './session.ts'
import { sourceUrl } from './source-url.ts'

export type SandboxTask = {
  modelPath: string
  /** None to load the model and no more. */
  cases: readonly GoldenInputCase[]
  /** `memoryBytes` counts all of the child: Node and the runtime take about 130 MB of it. */
  limits: { timeMs: number; memoryBytes: number }
  signal: AbortSignal
}

export type SandboxCode =
  | 'model_load_failed'
  | 'model_crashed'
  | 'golden_invalid'
  | 'golden_failed'
  | 'golden_timeout'
  | 'golden_memory_exceeded'

export type SandboxResult =
  | { ok: true; signature: Signature; outputs: Record<string, Tensor>[] }
  | { ok: false; code: SandboxCode; message: string }

/** What the child is told and says. */
export type SandboxOrder = Pick<SandboxTask, 'modelPath' | 'cases'>

/** Memory fills at some 4 GB/s at most, so the limit is overstepped by 200 MB before it is noticed. */
const MEMORY_POLL_MS = 50

/** The kernel counts a process's memory in pages of this size on every platform we run on. */
const PAGE_BYTES = 4_096

/** Loads and runs the model in a child process. Rejects only when the signal fires, or no process can be started. */
export async function runSandboxed({ modelPath, cases, limits, signal }: SandboxTask): Promise<SandboxResult> {
  signal.throwIfAborted()
  const child = fork(sourceUrl('sandbox-child'), {
    serialization: 'advanced',
    env: childEnvironment(),
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const over = new AbortController()
  const ending = AbortSignal.any([signal, over.signal])
  try {
    // A child that is gone already says so by its exit.
    child.send({ modelPath, cases } satisfies SandboxOrder, () => {})
    return await Promise.race([
      answer(child),
      tooLong(limits.timeMs, ending),
      tooLarge(child, limits.memoryBytes, ending),
    ])
  } catch (cause) {
    signal.throwIfAborted()
    throw cause
  } finally {
    over.abort()
    child.kill('SIGKILL')
  }
}

/** Nothing of this process's secrets is the model's business; the compile cache saves half of the start. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: cache } = process.env
  return { LANG: 'C.UTF-8', ...TELEMETRY_OFF, ...(cache === undefined ? undefined : { NODE_COMPILE_CACHE: cache }) }
}

function answer(child: ChildProcess): Promise<SandboxResult> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as SandboxResult))
    child.once('error', (cause) => reject(new Error('starting the sandbox', { cause })))
    child.once('exit', (code, signal) => {
      const how = signal ?? `code ${code}`
      resolve({ ok: false, code: 'model_crashed', message: `the runtime ended with ${how} on the model` })
    })
  })
}

async function tooLong(timeMs: number, ending: AbortSignal): Promise<SandboxResult> {
  await sleep(timeMs, undefined, { signal: ending })
  return {
    ok: false,
    code: 'golden_timeout',
    message: `loading and the golden cases took longer than ${timeMs} ms: use fewer cases`,
  }
}

async function tooLarge(child: ChildProcess, memoryBytes: number, ending: AbortSignal): Promise<SandboxResult> {
  for (;;) {
    await sleep(MEMORY_POLL_MS, undefined, { signal: ending })
    if ((await residentBytes(child)) > memoryBytes) {
      return {
        ok: false,
        code: 'golden_memory_exceeded',
        message: `the model took more than ${memoryBytes} bytes of memory`,
      }
    }
  }
}

/** [proc_pid_statm(5)] The second number is the resident pages. A process that is gone has none. */
async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '0 0')
  return Number(statm.split(' ')[1]) * PAGE_BYTES
}
