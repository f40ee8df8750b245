import type { SkerryClient } from '@skerry/client/client'
import { BatchSpec } from '@skerry/contract/batches/batch'
import { Reason, SelectorText } from '@skerry/contract/values/names'
import { command, fits, flag, needed, value } from '../../program/command.ts'
import type { Session } from '../../program/session.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseDuration, parseRate } from '../../program/values.ts'
import { commandOf, commandOptions, KIND, parseStart } from './batch-options.ts'
import { batchLine, batchText } from './batch-view.ts'

export const createBatch = command({
  name: 'batch create',
  summary: 'Create a batch: one command for the devices that a selector picks now',
  details:
    'Nothing happens before the batch is signed and sent. --send does both with the current key, unless the hub requires different ' +
    'keys for that. Settings of set-configuration: log-level, report-interval (60s to 150s), disk-free-mb.',
  examples: [
    `skerry batch create run-diagnostics --to 'device.labels.line == "4"' --dry-run`,
    `skerry batch create collect-logs --to 'site.name == "rotterdam"' --level warn --rate 100`,
    `skerry batch create relabel --to 'device.name == "gateway-1"' --label line=4 --label old-`,
    `skerry batch create restart-app --to 'device.labels.line == "4"' --app dashboard --service web --send`,
    `skerry batch create set-configuration --to true --set log-level=debug --start 2h --expires 1d`,
  ],
  arguments: { kind: KIND },
  options: {
    selector: needed('--to <selector>', 'CEL over device and site that picks the devices', fits(SelectorText)),
    ...commandOptions,
    reason: value('--reason <text>', 'reason, for the audit log', fits(Reason)),
    rate: value('--rate <rate>', 'devices per minute, such as 100, or "10 x2 per 50 proved"', parseRate),
    start: value('--start <time>', 'start, such as 2h (from now) or 2026-11-24T22:00Z', parseStart),
    expiresInSeconds: value(
      '--expires <time>',
      'how long it is valid after the start; a day by default',
      parseDuration,
    ),
    timeoutSeconds: value('--timeout <time>', 'how long a device may take', parseDuration),
    isDryRun: flag('--dry-run', 'show its devices, and create nothing'),
    isSent: flag('--send', 'sign and send it too'),
  },
  async run({ kind, selector, isDryRun, isSent, start, ...words }, session) {
    const wanted = commandOf(kind, words)
    const { client } = await session.hub()
    if (isDryRun) return showPlan(client, selector, session)
    const { signal, io } = session
    const { reason, rate, expiresInSeconds, timeoutSeconds } = words
    const startAtMs = start && ('atMs' in start ? start.atMs : io.nowMs() + start.inSeconds * 1_000)
    const spec = { command: wanted, selector, reason, rate, startAtMs, expiresInSeconds, timeoutSeconds }
    const created = await client.batch.create(BatchSpec.parse(spec), { signal })
    const batch = isSent ? await signAndSend(client, created.id, signal) : created
    session.print({ json: batch, text: () => batchText(batch, session) })
    if (!isSent) session.note(`next: skerry batch sign ${batch.id}`)
    else session.note(batchLine(batch))
  },
})

async function signAndSend(client: SkerryClient, batch: string, signal: AbortSignal) {
  const signed = await client.batch.sign({ batch }, { signal })
  return client.batch.send({ batch: signed.id }, { signal })
}

async function showPlan(client: SkerryClient, selector: string, session: Session): Promise<void> {
  const plan = await client.batch.plan({ selector }, { signal: session.signal })
  const rows = plan.devices.map(({ name, site, online }) => [name, site, online ? 'now' : 'when the device is back'])
  const more = plan.count - plan.devices.length
  session.print({
    json: plan,
    text: () => {
      const table = tableOf(session.style, ['DEVICE', 'SITE', 'SENT'], rows, 'no devices')
      const sum = `${countText(plan.count, 'device')}, ${plan.online} of them connected; nothing was created`
      return `${table}\n\n${more > 0 ? `and ${more} more\n` : ''}${sum}`
    },
  })
}
