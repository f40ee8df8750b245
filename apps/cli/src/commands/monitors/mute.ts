import { command, needed } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { instantText } from '../../program/terminal/words.ts'
import { parseDuration } from '../../program/values.ts'
import { SUBJECT } from './subject-argument.ts'

const model = SUBJECT

export const muteMonitor = command({
  name: 'monitor mute',
  summary: 'Mute a monitor for some time: it judges, but neither alerts nor acts',
  details: 'For times that repeat, give the monitor quiet times in a file: see "skerry monitor apply".',
  examples: ['skerry monitor mute anomaly --for 2h --reason "new sensors are calibrated"'],
  arguments: { model },
  options: {
    seconds: needed('--for <duration>', 'how long, such as 2h; 30 days at most', parseDuration),
    reason: REASON,
  },
  async run({ model: name, seconds, reason }, session) {
    const { client } = await session.hub()
    const muted = await client.monitor.mute({ name, seconds, reason }, { signal: session.signal })
    const until = muted.mute === undefined ? '' : ` until ${instantText(muted.mute.untilMs)}`
    session.print({ json: muted, text: () => `the monitor of ${name} is muted${until}` })
  },
})

export const unmuteMonitor = command({
  name: 'monitor unmute',
  summary: 'End the mute of a monitor',
  examples: ['skerry monitor unmute anomaly'],
  arguments: { model },
  options: {},
  async run({ model: name }, session) {
    const { client } = await session.hub()
    const monitor = await client.monitor.unmute({ name }, { signal: session.signal })
    session.print({ json: monitor, text: () => `the monitor of ${name} is not muted` })
  },
})
