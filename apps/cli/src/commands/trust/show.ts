import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { keyNames } from './key-names.ts'

export const showTrust = command({
  name: 'trust show',
  summary: 'Show the rules of trust: the signatures that models need',
  examples: ['skerry trust show'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const hub = await session.hub()
    const [policy, nameOf] = await Promise.all([
      hub.client.trust.get({}, { signal: session.signal }),
      keyNames(hub, session.signal),
    ])
    session.print({
      json: policy,
      text: () =>
        tableOf(
          session.style,
          ['MODELS', 'SIGNATURES', 'OF'],
          policy.rules.map(({ models, signatures, keys }) => [models, signatures, keys.map(nameOf).join(', ')]),
          "no rules: the hub's own signature is enough for every model",
        ),
    })
  },
})
