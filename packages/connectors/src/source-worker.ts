/** Source worker: runs the loop of one source. What a protocol's library throws from wherever it likes ends this thread, and nothing else. */
import { EventEmitter, once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@skerry/platform/clock'
import { type GroupReading, sizeOf } from './reading.ts'
import { createSourceLoop } from './source-loop.ts'
import type { FromSource, SourceTask, ToSource } from './source-state.ts'

/** Messages that nobody has taken yet: at 10 ms a round, a third of a second's. What comes then is lost, and counted. */
const UNTAKEN_MAX = 32

/** Often enough for a person who watches. */
const FIGURES_MS = 1_000

const port = parentPort
if (!port) throw new Error('this is started as a thread')
const stop = new AbortController()
let untaken = 0
let lost = 0
const takings = new EventEmitter()

const say = (message: FromSource) => port.postMessage(message)

function onReading(reading: GroupReading): boolean {
  if (untaken >= UNTAKEN_MAX) {
    lost += sizeOf(reading)
    return false
  }
  untaken += 1
  // Handed over, not copied: the next round has arrays of its own.
  const { numbers, receivedTimesMs, sourceTimesMs, images } = reading
  const arrays = [numbers, receivedTimesMs, ...(sourceTimesMs ? [sourceTimesMs] : [])].map(({ buffer }) => buffer)
  const pixels = [...(images?.values() ?? [])].map(({ data }) => data.buffer)
  port?.postMessage({ kind: 'reading', reading } satisfies FromSource, [...(arrays as ArrayBuffer[]), ...pixels])
  return true
}

/** Half of what may be untaken is left to the groups that cannot wait. */
async function room(signal: AbortSignal, most = UNTAKEN_MAX / 2): Promise<void> {
  while (untaken > most) await once(takings, 'taken', { signal })
}

// Whoever started the thread has parsed it.
const { source, secrets, stateFolder } = workerData as SourceTask
const loop = createSourceLoop(source, {
  ...{ clock: systemClock, random: Math.random, secrets, stateFolder, room },
  onReading,
  onState: (state) => say({ kind: 'state', state }),
})

port.on('message', (message: ToSource) => {
  if (message.kind === 'taken') {
    untaken -= 1
    takings.emit('taken')
  } else if (message.kind === 'stop') stop.abort()
  else if (message.kind === 'browse') void browse(message)
  else void write(message)
})

async function write({ id, tag, value }: Extract<ToSource, { kind: 'write' }>): Promise<void> {
  say({ kind: 'written', id, outcome: await loop.write(tag, value, stop.signal) })
}

async function browse({ id, path }: Extract<ToSource, { kind: 'browse' }>): Promise<void> {
  say({ kind: 'browsed', id, answer: await loop.browse(path, stop.signal) })
}

const figures = setInterval(() => say({ kind: 'figures', figures: loop.figures(), lost }), FIGURES_MS)
try {
  await loop.run(stop.signal)
} catch (error) {
  if (!stop.signal.aborted) throw error
} finally {
  clearInterval(figures)
  port.close()
}
