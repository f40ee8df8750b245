import { eachRow } from '@skerry/client/page'
import type { RolloutHappening } from '@skerry/contract/rollouts/rollout'
import { causeText } from '@skerry/core/devices/cause-words'
import { assertNever } from '@skerry/core/values/assert-never'
import { command, usually } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'
import { parseLimit } from '../../program/values.ts'
import { findRollout, ROLLOUT } from './rollout-reference.ts'
import { countsText } from './rollout-view.ts'

export const listRolloutEvents = command({
  name: 'rollout events',
  summary: 'List the events of a rollout, newest first: actions with their reasons, opened waves, failed devices',
  examples: ['skerry rollout events anomaly', 'skerry rollout events rol_abcdefgh234567 --limit 20 --json'],
  arguments: { rollout: ROLLOUT },
  options: { limit: usually('--limit <count>', '50', 'number of events', parseLimit) },
  async run({ rollout: reference, limit }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const rollout = await findRollout(client, reference, signal)
    const events: RolloutHappening[] = []
    for await (const event of eachRow((page) => client.rollout.events({ ...page, rollout }, { signal }))) {
      events.push(event)
      if (events.length === limit) break
    }
    session.print({
      json: events,
      text: () =>
        tableOf(
          style,
          ['AT', 'WHAT', 'BY', 'DETAIL'],
          events.map((event) => [instantText(event.atMs), ...wordsOf(event)]),
          'no events yet',
        ),
    })
  },
})

function wordsOf(event: RolloutHappening): [string, string | undefined, string | undefined] {
  switch (event.kind) {
    case 'began':
      return ['began', event.actor?.name, undefined]
    case 'decided': {
      const wave = event.wave && `wave ${event.wave}: ${event.counts ? countsText(event.counts) : ''}`
      const verdict = event.analysis && `${event.analysis} ${event.verdict}`
      const detail = [verdict, event.reason, wave].filter(Boolean).join('; ')
      const what = event.isPlanned ? 'paused as planned' : event.action
      return [what.replace('rollout.', '').replaceAll('_', ' '), event.actor.name, detail]
    }
    case 'device': {
      const { device, site, outcome, cause } = event.device
      const detail = [`at ${site}`, cause && causeText(cause)].filter(Boolean).join('; ')
      return [`device ${outcome}`, device, detail]
    }
    case 'superseded':
      return ['superseded', undefined, `by revision ${event.revision}, ${event.rolloutId}`]
    default:
      return assertNever(event)
  }
}
