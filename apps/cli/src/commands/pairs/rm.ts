import { Name } from '@skerry/contract/values/names'
import { command, fits, required, value } from '../../program/command.ts'
import { YES } from '../../program/options.ts'

const nameOf = fits(Name)
const names = (text: string): Name[] => text.split(',').map((name) => nameOf(name.trim()))

export const removePair = command({
  name: 'pair rm',
  summary: 'End a pair; both devices then read and write equipment on their own',
  details:
    'A device without a connection to the hub does not learn of the end, and may still write to equipment. Switch it off first, and name it with ' +
    '--off. Before it gets power again, remove it from the hub ("skerry device rm") or take its sources away.',
  examples: ['skerry pair rm press-line', 'skerry pair rm press-line --off press-a'],
  arguments: { name: required('<name>', 'name of the pair', fits(Name)) },
  options: {
    off: value('--off <devices>', 'devices without a connection that are switched off', names),
    yes: YES,
  },
  async run({ name, off, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`both devices of ${name} read and write equipment on their own from then on`, yes)
    await client.pair.remove({ name, ...(off !== undefined && { off }) }, { signal: session.signal })
    session.print({ json: { name }, text: () => `ended the pair ${name}` })
  },
})
