/** `skerry secret rekey` */
import { command } from '../../program/command.ts'
import { countText } from '../../program/terminal/words.ts'

export const rekeySecrets = command({
  name: 'secret rekey',
  summary: 'Encrypt all secrets anew on the hub, under the newest encryption key',
  details:
    'Put the new encryption key in front of the old one first, for every hub of the database. The hub goes on meanwhile; devices notice nothing.',
  examples: ['skerry secret rekey'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const done = await client.secret.rekey({}, { signal: session.signal })
    session.print({
      json: done,
      text: () => `encrypted ${countText(done.secrets, 'secret')} anew, under the key ${done.encryptionKey}`,
    })
  },
})
