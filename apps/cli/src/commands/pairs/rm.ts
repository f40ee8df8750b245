import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

export const removePair = command({
  name: 'pair rm',
  summary: 'End a pair; both devices then read and write equipment on their own',
  examples: ['skerry pair rm press-line'],
  arguments: { name: required('<name>', 'name of the pair', fits(Name)) },
  options: { yes: YES },
  async run({ name, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`both devices of ${name} read and write equipment on their own from then on`, yes)
    await client.pair.remove({ name }, { signal: session.signal })
    session.print({ json: { name }, text: () => `ended the pair ${name}` })
  },
})
