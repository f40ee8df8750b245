/** A sink that is handed one value after the other, until its process is killed. Of each it is said before and after, which a kill takes nothing of. */
import { openSync, writeSync } from 'node:fs'
import { systemClock } from '@skerry/platform/process/clock'
import { startSink } from '../../src/sinks/sink-host.ts'
import { KILLED_SINK } from './hand-over-sink.ts'

const [folder = '', told = '', when] = process.argv.slice(2)
const host = startSink(
  { sink: KILLED_SINK, folder, secrets: {} },
  { clock: systemClock, random: Math.random, onState: () => undefined },
)
const file = openSync(told, 'a')
const { signal } = new AbortController()

const ready = () => void process.stdout.write('ready\n')

if (when === 'begun') ready()
for (let isFirst = true; ; isFirst = false) {
  for (let count = 0; count < 20; count += 1) {
    writeSync(file, '<')
    const stored = host.offer([{ signal: 's', quality: 'good', value: 1, eventTimeMs: Date.now() }], 'normal')
    writeSync(file, '>')
    if (isFirst && when === 'stored') void stored.then(ready)
  }
  await systemClock.sleep(1, signal)
}
