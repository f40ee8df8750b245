/** `skerry intrusion set` */
import { IntrusionResponse, IntrusionRule } from '@skerry/contract/intrusion/intrusion'
import { command, fits, flag, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseLimit } from '../../program/values.ts'

export const setIntrusionRule = command({
  name: 'intrusion set',
  summary: 'Set the threshold of a rule, and the response of the hub',
  details:
    'dry-run, the default, only reports what the hub would have done. Check for a week that only real cases fire, before you switch a ' +
    'response on. Owners are never locked out.',
  examples: [
    'skerry intrusion set permission_probing --response on',
    'skerry intrusion set mass_change --threshold 100',
    'skerry intrusion set many_places --off',
  ],
  arguments: { rule: required('<rule>', 'name from "skerry intrusion rules"', fits(IntrusionRule)) },
  options: {
    threshold: value('--threshold <score>', 'the score at which the rule fires', parseLimit),
    response: value('--response <what>', 'none, dry-run or on', fits(IntrusionResponse)),
    on: flag('--on', 'switch the rule on'),
    off: flag('--off', 'switch the rule off'),
  },
  async run({ rule, threshold, response, on, off }, session) {
    if (on && off) throw wrongUsage('give --on or --off, not both')
    const isOn = on ? true : off ? false : undefined
    if (threshold === undefined && response === undefined && isOn === undefined)
      throw wrongUsage('nothing to set: give --threshold, --response, --on or --off')
    const { client } = await session.hub()
    const changes = {
      ...(threshold === undefined ? {} : { threshold }),
      ...(response === undefined ? {} : { response }),
      ...(isOn === undefined ? {} : { isOn }),
    }
    const view = await client.intrusion.set({ rule, ...changes }, { signal: session.signal })
    const state = view.isOn ? `fires at ${view.threshold}, response ${view.response}` : 'is off'
    session.print({ json: view, text: () => `${view.rule} ${state}` })
  },
})
