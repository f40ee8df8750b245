import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const switchPair = command({
  name: 'pair switch',
  summary: 'Make the other device of a pair the active one, before planned work',
  examples: ['skerry pair switch press-line press-b'],
  arguments: {
    name: required('<name>', 'name of the pair', fits(Name)),
    to: required('<device>', 'device that shall be active', fits(Name)),
  },
  options: { yes: YES },
  async run({ name, to, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`equipment is not read until ${to} has taken over, which takes some seconds`, yes)
    const pair = await client.pair.switch({ name, to }, { signal: session.signal })
    session.print({ json: pair, text: () => `ordered; "skerry pair show ${name}" names the active device` })
  },
})
