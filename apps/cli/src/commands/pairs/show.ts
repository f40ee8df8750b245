import { Name } from '@skerry/contract/values/names'
import { command, fits, required } from '../../program/command.ts'
import { pairText } from './pair-view.ts'

export const showPair = command({
  name: 'pair show',
  summary: 'Show a pair: its active device, the last takeover, and its weaknesses',
  examples: ['skerry pair show press-line'],
  arguments: { name: required('<name>', 'name of the pair', fits(Name)) },
  options: {},
  async run({ name }, session) {
    const { client } = await session.hub()
    const pair = await client.pair.get({ name }, { signal: session.signal })
    session.print({ json: pair, text: () => pairText(pair, session.style) })
  },
})
