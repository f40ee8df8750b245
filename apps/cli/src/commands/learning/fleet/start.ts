import { LearningFleetSpec } from '@skerry/contract/learning/learning-fleet'
import { Name, SelectorText } from '@skerry/contract/values/names'
import { command, fits, flag, needed, required } from '../../../program/command.ts'
import { RECIPE, readSpec, readTimes } from '../recipe-options.ts'
import { startedText } from './fleet-view.ts'

export const startLearningFleet = command({
  name: 'learn fleet start',
  summary: 'Start a learning on each selected device: a detector for each machine, or one for all of them',
  details:
    'Each device that the selector selects now learns from its own rows, by the same recipe. The detector of a device is ' +
    'the model NAME-DEVICE, with an alarm NAME-DEVICE-alarm, and with --deploy a deployment of its own. A device that ' +
    'cannot begin is left out and named, for example if it has no such source. A device that joins later does not learn. ' +
    'With --federated, the devices learn one detector NAME together: the relations between the tags are joined, and each ' +
    'device keeps its own levels and threshold. No row leaves a device.',
  examples: [
    `skerry learn fleet start pump --to 'device.labels["line"] == "a"' --source pump --tag pressure --tag current`,
    `skerry learn fleet start pump --to 'site.name == "hamburg"' --source pump --tag pressure --tag current --for 1d --deploy`,
    `skerry learn fleet start pump --to 'device.labels["line"] == "a"' --source pump --tag pressure --tag current --federated`,
  ],
  arguments: { name: required('<name>', 'the name of the order, which begins the names of the detectors', fits(Name)) },
  options: {
    selector: needed('--to <selector>', 'CEL over device and site that picks the devices', fits(SelectorText)),
    federated: flag('--federated', 'learn one detector together, with the own levels and threshold of each device'),
    ...RECIPE,
  },
  async run({ federated, ...given }, session) {
    // A hub from before federated orders rejects the field.
    const spec = readSpec(LearningFleetSpec, federated ? { ...given, federated } : given)
    const { client } = await session.hub()
    const fleet = await client.learning.startFleet({ spec, leaveOut: readTimes(given) }, { signal: session.signal })
    session.print({ json: fleet, text: () => startedText(fleet) })
  },
})
