/** `skerry signing-key revoke` */
import { asIs, command, required } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'
import { countText } from '../../program/terminal/words.ts'
import { keyFinder } from './signing-key-reference.ts'

export const revokeSigningKey = command({
  name: 'signing-key revoke',
  summary: 'Revoke a signing key for good: the hub and all devices reject everything that it has signed',
  details:
    'No device starts a version that only this key has signed. Serving versions continue, so that no plant stops: deploy other versions there, or sign good ones again ("skerry model sign"). docs/security/key-compromise.md has the whole procedure.',
  examples: ['skerry signing-key revoke hub --reason "the backup of the hub was stolen" --yes'],
  arguments: { key: required('<key>', 'name, or the start of the fingerprint', asIs) },
  options: { reason: REASON, yes: YES },
  async run({ key, reason, yes }, session) {
    const hub = await session.hub()
    const { keyId: signingKey, name, versions } = (await keyFinder(hub, session))(key)
    await session.confirm(`revoke the signing key ${name}, which signed ${countText(versions, 'version')}`, yes)
    const revoked = await hub.client.signingKey.revoke({ signingKey, reason }, { signal: session.signal })
    session.print({ json: revoked, text: () => `revoked ${revoked.name}` })
  },
})
