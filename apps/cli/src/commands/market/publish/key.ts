import { writeFile } from 'node:fs/promises'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { asIs, command, required } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { newPublisherKey } from './catalogue-writer.ts'

export const makePublisherKey = command({
  name: 'market key',
  summary: 'Make the key pair with which a publisher signs catalogues',
  details:
    'The private key is readable by its owner only. FILE.pub is the public half: people trust it with "skerry signing-key add". ' +
    'Tell them the fingerprint over another channel than the file.',
  examples: ['skerry market key publisher.pem'],
  arguments: { file: required('<file>', 'file for the private key', asIs) },
  options: {},
  async run({ file }, session) {
    const { privateKeyPem, publicKeyPem } = newPublisherKey()
    const pub = `${file}.pub`
    try {
      await writeFile(file, privateKeyPem, { mode: 0o600, flag: 'wx' })
      await writeFile(pub, publicKeyPem, { flag: 'wx' })
    } catch (cause) {
      throw fail('file_unwritable', `cannot write ${file} or ${pub}`, { cause })
    }
    const keyId = signingKeyId(publicKeyPem)
    session.print({ json: { file, pub, keyId }, text: () => `wrote ${file} and ${pub}\nfingerprint  ${keyId}` })
  },
})
