/**
 * Source worker: a thread that runs the loops of sources. What a protocol's library throws from wherever it likes ends the connection of a source that is alone
 * here; of several nobody can tell whose it was, and it ends this thread, and nothing else.
 */
import { parentPort } from 'node:worker_threads'
import { type RunLoop, runSource } from './source-run.ts'
import type { FromThread, SourceTask, ToThread } from './source-state.ts'

/** Often enough for a person who watches. */
const FIGURES_MS = 1_000

const port = parentPort
if (!port) throw new Error('this is started as a thread')
const runs = new Map<number, RunLoop>()

port.on('message', (message: ToThread) => {
  if (message.kind === 'run') void run(message)
  else if (message.kind === 'tell') runs.get(message.id)?.hear(message.message)
  else close()
})

const figures = setInterval(() => {
  for (const run of runs.values()) run.tellFigures()
}, FIGURES_MS)

/** A connector that is broken ends its own source: those beside it know nothing of it. */
async function run({ id, task }: Extract<ToThread, { kind: 'run' }>): Promise<void> {
  const message = await untilEnded(id, task).catch(String)
  runs.delete(id)
  listenForThrown()
  port?.postMessage({ id, said: { kind: 'ended', message } } satisfies FromThread)
}

async function untilEnded(id: number, task: SourceTask): Promise<string> {
  const one = runSource(task, (said, handedOver) => port?.postMessage({ id, said } satisfies FromThread, handedOver))
  runs.set(id, one)
  listenForThrown()
  return one.ended
}

function listenForThrown(): void {
  process.removeAllListeners('uncaughtException')
  const [only] = runs.values()
  if (only && runs.size === 1) process.on('uncaughtException', only.threw)
}

function close(): void {
  clearInterval(figures)
  port?.close()
}
