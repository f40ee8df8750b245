/** `skerry model sign` */

import { asIs, command, list, required } from '../../program/command.ts'
import { parseModelReference } from '../../program/values.ts'
import { readSignature } from './files/bundle-file.ts'

export const signVersion = command({
  name: 'model sign',
  summary: 'Sign a version again with the current key of the hub, and add signatures of publishers',
  details:
    'For a good version whose key was revoked. First compare its digest with the audit record of its push. Devices that rejected it accept it after "skerry rollout retry".',
  examples: ['skerry model sign anomaly:2', 'skerry model sign anomaly:2 --signature vendor.sig'],
  arguments: {
    reference: required('<model>', 'NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: { files: list('--signature <file>', "a publisher's signature over the files of the version", asIs) },
  async run({ reference: { model, version = 'latest' }, files }, session) {
    const signatures = await Promise.all(files.map(readSignature))
    const { client } = await session.hub()
    const trust = await client.trust.sign({ model, version, signatures }, { signal: session.signal })
    const [own] = trust.signatures
    session.print({
      json: trust,
      text: () => `signed ${model} ${version} (${trust.digest}) by the key ${own?.name ?? own?.keyId}`,
    })
  },
})
