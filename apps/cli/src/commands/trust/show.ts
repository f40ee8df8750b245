/** `skerry trust show` */
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'

export const showTrust = command({
  name: 'trust show',
  summary: 'Show the rules of trust: the signatures that models need',
  examples: ['skerry trust show'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const [policy, { keys }] = await Promise.all([
      client.trust.get({}, { signal: session.signal }),
      client.signingKey.list({}, { signal: session.signal }),
    ])
    const nameOf = (keyId: string) => keys.find((key) => key.keyId === keyId)?.name ?? keyId
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
