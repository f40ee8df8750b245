/** `skerry device rules` */
import { JoiningRules } from '@skerry/contract/joining/join'
import { command, fits, fitsNumber, value } from '../../program/command.ts'

const { approval: Approval } = JoiningRules.shape
const LapsedDays = JoiningRules.shape.lapsedDaysMax.unwrap()

const TEXT = {
  'by-token': 'the join token decides whether a device needs approval',
  always: 'a person must approve each device, whatever its join token says',
} as const

export const setJoiningRules = command({
  name: 'device rules',
  summary: 'Show or set whether each device needs approval, and how long an expired certificate can be renewed',
  examples: ['skerry device rules', 'skerry device rules --approval always', 'skerry device rules --lapsed-days 30'],
  arguments: {},
  options: {
    approval: value('--approval <how>', 'always, or by-token: the token decides', fits(Approval)),
    lapsedDaysMax: value(
      '--lapsed-days <days>',
      'number of days after its expiry in which a device may renew its certificate with its key; 0: never',
      fitsNumber(LapsedDays),
    ),
  },
  async run({ approval, lapsedDaysMax }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const isChange = approval !== undefined || lapsedDaysMax !== undefined
    // Whoever may not read the rules may not change them either: what is not named stays as it is.
    const before = await client.device.joiningRules({}, { signal })
    const wanted = { approval: approval ?? before.approval, lapsedDaysMax: lapsedDaysMax ?? before.lapsedDaysMax }
    const rules = isChange ? await client.device.setJoiningRules(wanted, { signal }) : before
    const lapsed = `an expired certificate can be renewed with its key for ${rules.lapsedDaysMax} days`
    session.print({ json: rules, text: () => `${TEXT[rules.approval]}; ${lapsed}` })
  },
})
