import { SHELF_SECONDS_MAX } from '@skerry/contract/alerts/alert'
import { command, needed } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { countText, instantText } from '../../program/terminal/words.ts'
import { parseDuration } from '../../program/values.ts'
import { ALERT } from './alert-argument.ts'

export const shelveAlert = command({
  name: 'alerts shelve',
  summary: 'Shelve an alert about equipment for some time: it is quiet, also when it occurs again',
  details: 'It returns by itself after the time, which is a day at most.',
  examples: [
    'skerry alerts shelve process_alarm:press-1:pump-alarm/alarms --for 8h --reason "the line is rebuilt today"',
  ],
  arguments: { alert: ALERT },
  options: {
    seconds: needed(
      '--for <duration>',
      `how long, such as 8h; ${SHELF_SECONDS_MAX / 3_600} hours at most`,
      parseDuration,
    ),
    reason: REASON,
  },
  async run({ alert, seconds, reason }, session) {
    const { client } = await session.hub()
    const done = await client.alert.shelve({ alert, seconds, reason }, { signal: session.signal })
    session.print({
      json: done,
      text: () => `shelved ${alert} until ${instantText(done.untilMs)} (${countText(done.shelved, 'occurrence')})`,
    })
  },
})

export const unshelveAlert = command({
  name: 'alerts unshelve',
  summary: 'Return a shelved alert to the list before its time has passed',
  examples: ['skerry alerts unshelve process_alarm:press-1:pump-alarm/alarms'],
  arguments: { alert: ALERT },
  options: {},
  async run({ alert }, session) {
    const { client } = await session.hub()
    const done = await client.alert.unshelve({ alert }, { signal: session.signal })
    session.print({ json: done, text: () => `${alert} is not shelved any more` })
  },
})
