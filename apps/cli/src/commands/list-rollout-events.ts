/** `skerry rollout events` */
import { eachRow } from '@skerry/client/page'
import type { RolloutHappening } from '@skerry/contract/rollout'
import { assertNever } from '@skerry/core/assert-never'
import { command, usually } from '../command.ts'
import { findRollout, ROLLOUT } from '../rollout-reference.ts'
import { countsText } from '../rollout-view.ts'
import { tableOf } from '../table.ts'
import { parseLimit } from '../values.ts'
import { instantText } from '../words.ts'

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
      return [event.action.replace('rollout.', '').replaceAll('_', ' '), event.actor.name, detail]
    }
    case 'device': {
      const { device, site, outcome, cause } = event.device
      const detail = [`at ${site}`, cause && `${cause.code}: ${cause.message}`].filter(Boolean).join('; ')
      return [`device ${outcome}`, device, detail]
    }
    case 'superseded':
      return ['superseded', undefined, `by revision ${event.revision}, ${event.rolloutId}`]
    default:
      return assertNever(event)
  }
}
