/** `skerry signing-key add` */
import { Name } from '@skerry/contract/values/names'
import { asIs, command, fits, required } from '../../program/command.ts'
import { readText } from '../../program/input-file.ts'

export const addSigningKey = command({
  name: 'signing-key add',
  summary: 'Trust the public key of a publisher',
  details:
    'Rules of trust can then require its signatures ("skerry trust set"). The key is an elliptic-curve key, as "openssl pkey -pubout" prints it. Compare its fingerprint with the publisher, over another channel than the file.',
  examples: ['skerry signing-key add vendor vendor.pub'],
  arguments: {
    name: required('<name>', 'name of the key', fits(Name)),
    file: required('<file>', 'the public key, PEM', asIs),
  },
  options: {},
  async run({ name, file }, session) {
    const publicKeyPem = (await readText(file)).replaceAll('\r\n', '\n')
    const { client } = await session.hub()
    const key = await client.signingKey.add({ name, publicKeyPem }, { signal: session.signal })
    session.print({ json: key, text: () => `trusts ${key.name}\nfingerprint  ${key.keyId}` })
  },
})
