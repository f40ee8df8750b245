/** `skerry secret rekey` */
import { command } from '../../program/command.ts'
import { countText } from '../../program/terminal/words.ts'

export const rekeySecrets = command({
  name: 'secret rekey',
  summary: 'Encrypt all secrets on the hub again, under the newest encryption key',
  details:
    'First add the new encryption key before the old one, for every hub of the database. The hub keeps working, and devices are not affected.',
  examples: ['skerry secret rekey'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const done = await client.secret.rekey({}, { signal: session.signal })
    session.print({
      json: done,
      text: () => `encrypted ${countText(done.secrets, 'secret')} again, under the key ${done.encryptionKey}`,
    })
  },
})
