import type { SkerryClient } from '@skerry/client/client'
import { BatchSpec } from '@skerry/contract/batches/batch'
import { type BenchCommand, BenchRequest } from '@skerry/contract/builds/bench-command'
import { Recipe } from '@skerry/contract/builds/build'
import type { BatchId } from '@skerry/contract/values/ids'
import { BuildId } from '@skerry/contract/values/ids'
import { Reason, SelectorText } from '@skerry/contract/values/names'
import * as z from 'zod'
import { command, fits, fitsNumber, flag, list, needed, required, value } from '../../program/command.ts'
import type { Session } from '../../program/session.ts'
import { parseModelReference } from '../../program/values.ts'
import { batchLine } from '../batches/batch-view.ts'
import { watchBatch } from '../batches/batch-watch.ts'
import { benchPlanText, measurementsTable } from './measurement-view.ts'

const { seconds: Seconds, cpuPercent: CpuPercent } = BenchRequest.shape

export const benchModel = command({
  name: 'model bench',
  summary: 'Measure a version and its builds on devices, and see how fast each is there',
  details:
    'It is a batch: created, signed and sent with the current key. Each device fetches the builds, waits until it is idle, ' +
    'checks their answers, and runs them in turns under a limit of its processor. It stops when a model on it gets requests. ' +
    'Without --build it measures the newest build of each recipe. With --sessions or --batches it uses two fifths of the time for settings of the session. ' +
    'A deployment with --build best serves the build with the fastest of them. With --watch, --json prints a line for each change.',
  examples: [
    `skerry model bench reader:1 --devices 'device.name == "press-1"' --watch`,
    `skerry model bench reader:1 --devices 'device.labels.line == "4"' --build static-int8-percentile --seconds 120`,
    `skerry model bench reader:1 --devices 'site.name == "lab"' --dry-run`,
    `skerry model bench reader:1 --devices 'site.name == "lab"' --sessions --seconds 240 --watch`,
  ],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    selector: needed('--devices <selector>', 'CEL over device and site that picks the devices', fits(SelectorText)),
    builds: list(
      '--build <build>',
      `only these: an id, or ${Recipe.options.join(', ')}`,
      fits(z.union([BuildId, Recipe])),
    ),
    seconds: value(
      '--seconds <number>',
      'the time on a device after it has the files; 120 by default',
      fitsNumber(Seconds),
    ),
    cpuPercent: value('--cpu <percent>', 'the share of that time in which models run; 50', fitsNumber(CpuPercent)),
    sessions: flag('--sessions', 'also try 2 and 4 threads, with and without spinning, with the fastest build'),
    batches: flag('--batches', 'also try batches of 4 and 16 rows with the fastest build'),
    reason: value('--reason <text>', 'reason, for the audit log', fits(Reason)),
    isDryRun: flag('--dry-run', 'show the candidates and the devices, and create nothing'),
    isWatched: flag('--watch', 'watch it until it ends, and show the figures'),
  },
  async run({ reference, selector, builds, sessions, batches, reason, isDryRun, isWatched, ...words }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const { name, version = 'latest' } = reference
    const request = BenchRequest.parse({
      ...words,
      ...(builds.length > 0 && { builds }),
      ...(sessions && { sessions }),
      ...(batches && { batches }),
    })
    const wanted = await client.build.benchCommand({ name, version, ...request }, { signal })
    if (isDryRun) return showPlan(client, { wanted, selector }, session)
    const created = await client.batch.create(BatchSpec.parse({ command: wanted, selector, reason }), { signal })
    session.note(`created ${created.id}`)
    await client.batch.sign({ batch: created.id }, { signal })
    const sent = await client.batch.send({ batch: created.id }, { signal })
    if (isWatched) return watchBench(client, { id: sent.id, wanted }, session)
    session.print({ json: sent, text: () => batchLine(sent) })
    session.note(
      `"skerry build measurements ${wanted.name}:${wanted.version}" shows the figures of devices that are done`,
    )
  },
})

type Planned = { wanted: BenchCommand; selector: string }

async function showPlan(client: SkerryClient, { wanted, selector }: Planned, session: Session): Promise<void> {
  const { signal } = session
  const plan = await client.batch.plan({ selector }, { signal })
  const { rows } = await client.build.list({ name: wanted.name, version: String(wanted.version) }, { signal })
  session.print({
    json: { command: wanted, plan },
    text: () => benchPlanText({ wanted, builds: rows, plan }, session.style),
  })
}

type Sent = { id: BatchId; wanted: BenchCommand }

/** Devices that failed are named with their reason; the others have figures. */
async function watchBench(client: SkerryClient, { id, wanted }: Sent, session: Session): Promise<void> {
  const { signal, style } = session
  await watchBatch(client, id, session)
  const { rows: devices } = await client.batch.devices({ batch: id, outcome: 'failed' }, { signal })
  for (const { device, code, message } of devices) session.note(`${device}: ${message ?? code}`)
  const where = { name: wanted.name, version: String(wanted.version) }
  const { rows } = await client.build.measurements(where, { signal })
  const own = rows.filter(({ batchId }) => batchId === id)
  if (session.isJson) session.printEvent({ json: own, text: () => '' })
  else session.print({ json: own, text: () => measurementsTable(own, style) })
}
