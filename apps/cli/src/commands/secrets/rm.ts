/** `skerry secret rm` */
import { SecretName } from '@skerry/contract/secrets/secret'
import { command, fits, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { SCOPE_OPTIONS, secretNamed } from './secret-reference.ts'

export const removeSecret = command({
  name: 'secret rm',
  summary: 'Remove a secret, from the hub and from the devices that have it',
  examples: ['skerry secret rm plc-password --site rotterdam'],
  arguments: { name: required('<name>', 'name of the secret', fits(SecretName)) },
  options: { ...SCOPE_OPTIONS, yes: YES },
  async run({ yes, ...reference }, session) {
    const hub = await session.hub()
    const { id, name, scope } = await secretNamed(hub, reference, session)
    await session.confirm(`remove the secret ${name} of ${scope}`, yes)
    await hub.client.secret.remove({ secret: id }, { signal: session.signal })
    session.print({ json: { removed: id }, text: () => `removed the secret ${name} of ${scope}` })
  },
})
