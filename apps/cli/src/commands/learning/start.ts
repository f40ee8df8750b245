import { LearningSpec, rowsWantedOf } from '@skerry/contract/learning/learning'
import { Name } from '@skerry/contract/values/names'
import { command, fits, needed, required } from '../../program/command.ts'
import { RECIPE, readSpec, readTimes } from './recipe-options.ts'

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
    ...RECIPE,
  },
  async run(given, session) {
    const spec = readSpec(LearningSpec, given)
    const { client } = await session.hub()
    const learning = await client.learning.start({ spec, leaveOut: readTimes(given) }, { signal: session.signal })
    const { name, device } = learning.spec
    session.print({
      json: learning,
      text: () => `${device} ${workOf(learning.spec)} for ${name}; "skerry learn watch ${name}" shows how far it is`,
    })
  },
})

const workOf = (spec: LearningSpec) =>
  spec.recording === undefined ? `collects ${rowsWantedOf(spec)} rows` : `reads the recording ${spec.recording}`
