/** Replay worker: replays one recording. A step that never ends keeps this thread only. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FlowSample } from '@skerry/contract/flow-recording'
import { systemClock } from '@skerry/platform/clock'
import { createInferWay } from './infer-way.ts'
import { replayFlow } from './replay.ts'
import type { FromReplay, ReplayOrder, ToReplay } from './replay-message.ts'

const port = parentPort
if (!port) throw new Error('this is started as a thread')
const say = (message: FromReplay) => port.postMessage(message)

// Whoever started the thread has parsed the flow, and knows who wrote the recording.
const { flow, facts, recording } = workerData as ReplayOrder
const way = createInferWay((id, question) => say({ kind: 'ask', id, question }))
port.on('message', ({ id, answer }: ToReplay) => way.answered(id, answer))

const samples = Buffer.from(recording)
  .toString('utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line): FlowSample => JSON.parse(line))

const never = new AbortController()
const deps = { infer: way.infer, facts, monotonicMs: () => systemClock.monotonicMs() }
const { outputs } = await replayFlow(flow, samples, deps, never.signal)
say({ kind: 'done', outputs })
port.close()
