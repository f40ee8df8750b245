import { FindingCode, LearningSpec, rowsWantedOf } from '@skerry/contract/learning/learning'
import { TagName } from '@skerry/contract/sources/tag'
import { Name } from '@skerry/contract/values/names'
import { command, fits, fitsNumber, flag, list, needed, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseDuration } from '../../program/values.ts'

const { shape } = LearningSpec

export const startLearning = command({
  name: 'learn start',
  summary: 'Start a learning: a device learns from its own tags what is normal, and an alarm comes out',
  details:
    'The device collects a row of the tags every ten seconds for seven days, unless you say otherwise. The rows stay on it. ' +
    'Then it compares candidates, and the hub publishes the best as a version NAME of a model, with a flow NAME-alarm that ' +
    'raises an alarm and names the tag. Then the device tries the detector for a day and counts its alarms. ' +
    'With --deploy, the alarm goes live after that if it kept its promise. ' +
    'Learn while the machine is in order: the detector takes a fault in that time for normal.',
  examples: [
    'skerry learn start pump-normal --device gateway-7 --source pump --tag pressure --tag temperature --tag current',
    'skerry learn start pump-normal --device gateway-7 --source pump --tag pressure --tag current --for 1h --every-ms 500 --shadow 2h --deploy',
    'skerry learn start pump-normal --device gateway-7 --source pump --tag pressure --every-ms 60000 --recording pump-2026',
  ],
  arguments: { name: required('<name>', 'the name of the detector', fits(Name)) },
  options: {
    device: needed('--device <device>', 'the device that learns', fits(Name)),
    source: needed('--source <source>', 'the source of the tags on this device', fits(Name)),
    tags: list('--tag <tag>', 'a tag to learn; give at least one, best several that move together', fits(TagName)),
    recording: value(
      '--recording <name>',
      'learn from this recording, which "skerry agent --import-history" made on the device, and collect nothing',
      fits(Name),
    ),
    seconds: value('--for <duration>', 'how long the device collects rows; 7d by default', parseDuration),
    everyMs: value('--every-ms <number>', 'the time between two rows; 10000 by default', fitsNumber(shape.everyMs)),
    samples: value('--samples <number>', 'the rows of one window; 16 by default', fitsNumber(shape.samples)),
    falseAlarmDays: value(
      '--false-alarm-days <number>',
      'at most one false alarm in so many days; 7 by default',
      fitsNumber(shape.falseAlarmDays),
    ),
    shadowSeconds: value(
      '--shadow <duration>',
      'how long the device tries the detector before its alarm is live; 1d by default, 0s for not at all',
      parseDuration,
    ),
    keepSeconds: value(
      '--keep <duration>',
      'how long the device keeps rows afterwards, for "skerry learn normal"; 7d by default, 0s for not at all',
      parseDuration,
    ),
    lamp: value(
      '--lamp <source/tag>',
      'the alarm writes this tag, which must allow it; its interlock counts for each write. /bool behind it for a coil',
      parseLamp,
    ),
    accept: list('--accept <finding>', 'learn in spite of a finding, such as two_regimes', fits(FindingCode)),
    isDeployed: flag(
      '--deploy',
      'run the detector and its alarm on the device as soon as the shadow has kept the promise',
    ),
  },
  async run({ isDeployed, ...given }, session) {
    const wish = Object.fromEntries(Object.entries(given).filter(([, word]) => word !== undefined))
    const spec = LearningSpec.safeParse({ ...wish, result: isDeployed ? 'deploy' : 'version' })
    if (!spec.success) throw wrongUsage(messageOf(spec.error.issues[0]))
    const { client } = await session.hub()
    const learning = await client.learning.start({ spec: spec.data }, { signal: session.signal })
    const { name, device } = learning.spec
    session.print({
      json: learning,
      text: () => `${device} ${workOf(learning.spec)} for ${name}; "skerry learn watch ${name}" shows how far it is`,
    })
  },
})

/** `panel/horn`, or `panel/horn/bool`. */
function parseLamp(text: string): { source: Name; tag: TagName; as: 'number' | 'bool' } {
  const [source, tag, as = 'number', ...more] = text.split('/')
  const lamp = shape.lamp.unwrap().safeParse({ source, tag, as })
  if (more.length > 0 || !lamp.success) throw new Error('must be SOURCE/TAG, or SOURCE/TAG/bool')
  return lamp.data
}

const workOf = (spec: LearningSpec) =>
  spec.recording === undefined ? `collects ${rowsWantedOf(spec)} rows` : `reads the recording ${spec.recording}`

const messageOf = (issue: { path: PropertyKey[]; message: string } | undefined) =>
  issue?.path[0] === 'tags' && issue.path.length === 1
    ? `--tag: ${issue.message}`
    : `${issue?.path.join('.')}: ${issue?.message}`
