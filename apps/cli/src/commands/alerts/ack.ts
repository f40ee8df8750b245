import { Reason } from '@skerry/contract/values/names'
import { command, fits, value } from '../../program/command.ts'
import { countText } from '../../program/terminal/words.ts'
import { ALERT } from './alert-argument.ts'

export const acknowledgeAlert = command({
  name: 'alerts ack',
  summary: 'Acknowledge an alert about equipment: it stays listed, and is quiet until it ends',
  details:
    'For alarms of flows, and for sources and sinks that are down. The audit log has the person, the time and the comment. When the alarm has ended and occurs again, it is not acknowledged.',
  examples: [
    'skerry alerts ack process_alarm:press-1:pump-alarm/alarms --comment "Anna looks at the pump"',
    'skerry alerts ack sources_down',
  ],
  arguments: { alert: ALERT },
  options: {
    comment: value('--comment <text>', 'remark for all who see the alert, and for the audit log', fits(Reason)),
  },
  async run({ alert, comment }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const { alerts } = await client.hub.alerts({}, { signal })
    const known = alerts.find(({ id }) => id === alert)
    const seen = known?.sinceMs === undefined ? {} : { seen: { sinceMs: known.sinceMs, count: known.count } }
    const done = await client.alert.acknowledge(
      { alert, ...(comment !== undefined && { comment }), ...seen },
      { signal },
    )
    session.print({ json: done, text: () => `acknowledged ${alert} (${countText(done.acknowledged, 'occurrence')})` })
  },
})
