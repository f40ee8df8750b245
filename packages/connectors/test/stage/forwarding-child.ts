/** A queue that is filled and sent from as quickly as it can be, until it is killed. It says what it knows before anybody can ask. */
import { appendFileSync } from 'node:fs'
import { systemClock } from '@skerry/platform/process/clock'
import { openForwardQueue } from '../../src/forwarding/queue.ts'

const [path = '', told = ''] = process.argv.slice(2)
const queue = openForwardQueue({
  path,
  limits: { bytesMax: 60_000, ageMaxSeconds: 3_600 },
  valuesMax: 50,
  clock: systemClock,
})
const say = (line: object) => appendFileSync(told, `${JSON.stringify(line)}\n`)

process.stdout.write('ready\n')
for (;;) {
  const [lane = 'normal' as const] = (['normal', 'bulk', 'urgent'] as const).filter(() => Math.random() < 0.5)
  const values = Array.from({ length: 1 + Math.floor(Math.random() * 80) }, () => ({
    signal: 's',
    quality: 'good' as const,
    value: 1,
    eventTimeMs: Date.now(),
  }))
  queue.append([{ lane, values }])
  say({ lane, appended: values.length })
  const batch = Math.random() < 0.6 ? queue.take(lane) : undefined
  if (batch) {
    say({ lane, first: batch.first, sent: batch.values.length })
    if (Math.random() < 0.05) queue.refuse(batch, { code: 'value_refused', message: 'no' })
    else queue.finish(batch)
  }
  queue.release()
}
