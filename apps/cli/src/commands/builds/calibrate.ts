import { BatchSpec } from '@skerry/contract/batches/batch'
import { CalibrateRequest } from '@skerry/contract/builds/device-ranges'
import { Reason, SelectorText } from '@skerry/contract/values/names'
import { command, fits, fitsNumber, flag, needed, required, value } from '../../program/command.ts'
import type { Session } from '../../program/session.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseModelReference } from '../../program/values.ts'
import { batchLine } from '../batches/batch-view.ts'
import { watchBatch } from '../batches/batch-watch.ts'

export const calibrateModel = command({
  name: 'model calibrate',
  summary: 'Compute calibration ranges on devices, from rows that stay there',
  details:
    'It is a batch: created, signed and sent with the current key. Each device takes the newest rows that a capture keeps of the ' +
    'model, runs the version on them, and reports the range of each tensor that builds in 8 bits need. No row leaves the device. ' +
    'A device needs eight rows or more; "skerry capture set" captures some. Then optimise with --calibration-batch.',
  examples: [
    `skerry model calibrate reader:1 --devices 'device.name == "press-1"' --watch`,
    `skerry model calibrate reader:1 --devices 'device.labels.line == "4"' --rows 500`,
    `skerry model calibrate reader:1 --devices true --dry-run`,
  ],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    selector: needed('--devices <selector>', 'CEL over device and site that picks the devices', fits(SelectorText)),
    rows: value(
      '--rows <number>',
      'the most rows of a device; 256 by default',
      fitsNumber(CalibrateRequest.shape.rows),
    ),
    reason: value('--reason <text>', 'reason, for the audit log', fits(Reason)),
    isDryRun: flag('--dry-run', 'show the devices, and create nothing'),
    isWatched: flag('--watch', 'watch it until it ends'),
  },
  async run({ reference, selector, rows, reason, isDryRun, isWatched }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const { name, version = 'latest' } = reference
    const request = CalibrateRequest.parse({ ...(rows !== undefined && { rows }) })
    const wanted = await client.build.calibrateCommand({ name, version, ...request }, { signal })
    const model = `${wanted.name}:${wanted.version}`
    if (isDryRun) {
      const plan = await client.batch.plan({ selector }, { signal })
      const facts = [
        ['model', model],
        ['rows', `${wanted.rows} a device at most`],
        ['devices', `${countText(plan.count, 'device')}, ${plan.online} of them connected; nothing was created`],
      ] as const
      session.print({ json: { command: wanted, plan }, text: () => factsOf(session.style, [...facts]) })
      return
    }
    const created = await client.batch.create(BatchSpec.parse({ command: wanted, selector, reason }), { signal })
    await client.batch.sign({ batch: created.id }, { signal })
    const sent = await client.batch.send({ batch: created.id }, { signal })
    if (isWatched) {
      await watchBatch(client, sent.id, session)
      const { rows: failed } = await client.batch.devices({ batch: sent.id, outcome: 'failed' }, { signal })
      for (const { device, code, message } of failed) session.note(`${device}: ${message ?? code}`)
    } else session.print({ json: sent, text: () => batchLine(sent) })
    noteNext(session, model, sent.id)
  },
})

const noteNext = (session: Session, model: string, batch: string) =>
  session.note(`next: skerry model optimise ${model} --calibration-batch ${batch}`)
