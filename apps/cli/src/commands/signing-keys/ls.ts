/** `skerry signing-key ls` */
import { command } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

export const listSigningKeys = command({
  name: 'signing-key ls',
  summary: "List the keys whose signatures on models are trusted: the hub's own, and those of publishers",
  examples: ['skerry signing-key ls'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const { keys } = await client.signingKey.list({}, { signal: session.signal })
    session.print({
      json: keys,
      text: () =>
        tableOf(
          session.style,
          ['NAME', 'KIND', 'STATE', 'VERSIONS', 'CREATED', 'CHANGED', 'REASON', 'FINGERPRINT'],
          keys.map((key) => [
            key.name,
            key.kind,
            key.state,
            key.versions,
            instantText(key.createdAtMs),
            instantText(key.changedAtMs),
            key.reason,
            key.keyId,
          ]),
          'no keys',
        ),
    })
  },
})
