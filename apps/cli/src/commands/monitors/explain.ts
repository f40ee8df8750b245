import type { SkerryClient } from '@skerry/client/client'
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { explainMonitor } from '@skerry/core/monitors/explain'
import { command } from '../../program/command.ts'
import { instantText } from '../../program/terminal/words.ts'
import { SUBJECT } from './subject-argument.ts'

export const explainVerdict = command({
  name: 'monitor explain',
  summary: 'Explain the verdict of a monitor: figures, thresholds, windows and cohorts',
  examples: ['skerry monitor explain anomaly', 'skerry monitor explain anomaly --json'],
  arguments: { model: SUBJECT },
  options: {},
  async run({ model: name }, session) {
    const { client } = await session.hub()
    const monitor = await client.monitor.get({ name }, { signal: session.signal })
    const rankings = await rankingsOf(client, monitor, session.signal)
    const explained = explainMonitor(monitor, { time: (ms) => instantText(ms) ?? '' }, rankings)
    session.print({
      json: explained,
      text: () =>
        explained
          .map(
            ({ version, state, lines }) => `${session.style.bold(`${name}:${version}: ${state}`)}\n${lines.join('\n')}`,
          )
          .join('\n\n') || 'No device serves the model yet.',
    })
  },
})

/** Over the last day, as the page of the monitor shows it. */
async function rankingsOf(client: SkerryClient, { spec, versions }: Monitor, signal: AbortSignal) {
  const known = versions.filter(({ state }) => state !== 'unprofiled')
  const found = await Promise.all(
    known.map(async ({ version }) => {
      const { withPerformance } = await client.monitor.series({ name: spec.model, version }, { signal })
      return [version, withPerformance] as const
    }),
  )
  return new Map(found.flatMap(([version, ranking]) => (ranking ? [[version, ranking] as const] : [])))
}
