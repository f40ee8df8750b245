/** `skerry secret show` */
import { SecretName } from '@skerry/contract/secrets/secret'
import { command, fits, required } from '../../program/command.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'
import { SCOPE_OPTIONS, secretNamed } from './secret-reference.ts'

export const showSecret = command({
  name: 'secret show',
  summary: 'Show the author and time of a secret; its value is never shown',
  examples: ['skerry secret show plc-password --site rotterdam'],
  arguments: { name: required('<name>', 'name of the secret', fits(SecretName)) },
  options: SCOPE_OPTIONS,
  async run(reference, session) {
    const hub = await session.hub()
    const { id } = await secretNamed(hub, reference, session)
    const found = await hub.client.secret.get({ secret: id }, { signal: session.signal })
    const { secret, versions } = found
    session.print({
      json: found,
      text: () =>
        [
          factsOf(session.style, [
            ['name', secret.name],
            ['scope', secret.scope],
            ['id', secret.id],
            ['version', secret.version],
            ['bytes', secret.sizeBytes],
          ]),
          tableOf(
            session.style,
            ['VERSION', 'SET', 'BY', 'BYTES'],
            versions.map(({ version, setAtMs, setBy, sizeBytes }) => [version, instantText(setAtMs), setBy, sizeBytes]),
            'no versions',
          ),
        ].join('\n\n'),
    })
  },
})
