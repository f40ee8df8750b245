/** `skerry model trust` */
import { command, required } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'
import { parseModelReference } from '../../program/values.ts'

export const showModelTrust = command({
  name: 'model trust',
  summary: 'Show the signatures of a version, and whether devices would accept it',
  examples: ['skerry model trust anomaly:2'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {},
  async run({ reference: { model, version = 'latest' } }, session) {
    const { client } = await session.hub()
    const trust = await client.trust.ofVersion({ model, version }, { signal: session.signal })
    const { problem } = trust
    session.print({
      json: trust,
      text: () =>
        [
          tableOf(
            session.style,
            ['KEY', 'STATE', 'ADDED', 'BY', 'FINGERPRINT'],
            trust.signatures.map((each) => [
              each.name,
              each.state,
              instantText(each.addedAtMs),
              each.addedBy,
              each.keyId,
            ]),
            'no signatures',
          ),
          problem ? `every device would reject it (${problem.code}): ${problem.message}` : 'devices accept it',
        ].join('\n\n'),
    })
  },
})
