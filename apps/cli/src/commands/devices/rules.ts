/** `skerry device rules` */
import { JoiningRules } from '@skerry/contract/joining/join'
import { command, fits, fitsNumber, value } from '../../program/command.ts'

const { approval: Approval } = JoiningRules.shape
const LapsedDays = JoiningRules.shape.lapsedDaysMax.unwrap()

const TEXT = {
  'by-token': 'a device is let in as its join token says',
  always: 'a person lets in each device, whatever its join token says',
} as const

export const setJoiningRules = command({
  name: 'device rules',
  summary: 'Say whether a person lets in each device, and how long an ended certificate can be renewed',
  examples: ['skerry device rules', 'skerry device rules --approval always', 'skerry device rules --lapsed-days 30'],
  arguments: {},
  options: {
    approval: value('--approval <how>', 'always, or by-token: as the token says', fits(Approval)),
    lapsedDaysMax: value(
      '--lapsed-days <days>',
      'how long after its end a device may renew its certificate by its key; 0: never',
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
    const lapsed = `a certificate is renewed by its key until ${rules.lapsedDaysMax} days after its end`
    session.print({ json: rules, text: () => `${TEXT[rules.approval]}; ${lapsed}` })
  },
})
