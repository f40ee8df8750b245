import { SECRET_BYTES_MAX, SecretName } from '@skerry/contract/secrets/secret'
import { asIs, command, fits, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { readBytes } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { SCOPE_OPTIONS, scopeGiven } from './secret-reference.ts'

export const setSecret = command({
  name: 'secret set',
  summary: 'Set the value of a secret; nobody can read it back',
  details:
    'The value comes from a file, unchanged, or from standard input, without one final line end. It is never an argument, because everybody on the machine can see arguments. A device gets it within a second, or when it connects.',
  examples: [
    'skerry secret set plc-password --site rotterdam < password.txt',
    'skerry secret set ca.pem --from-file plant-ca.pem',
    'skerry secret set github-token --hub-only < token.txt',
  ],
  arguments: { name: required('<name>', 'name of the secret, and of its file on devices', fits(SecretName)) },
  options: { ...SCOPE_OPTIONS, fromFile: value('--from-file <file>', 'file with the value', asIs) },
  async run({ name, fromFile, ...values }, session) {
    const scope = scopeGiven(values)
    const plain = fromFile === undefined ? await piped(session) : await readBytes(fromFile)
    if (plain.length === 0) throw wrongUsage('the value is empty', '"skerry secret rm" removes a secret')
    if (plain.length > SECRET_BYTES_MAX) {
      throw wrongUsage(`the value has ${plain.length} bytes, more than ${SECRET_BYTES_MAX}`)
    }
    const { client } = await session.hub()
    const value = plain.toString('base64')
    const secret = await client.secret.set({ name, ...(scope && { scope }), value }, { signal: session.signal })
    session.print({
      json: secret,
      text: () => `set ${secret.name} of ${secret.scope}, version ${secret.version}`,
    })
  },
})

async function piped({ io }: Session): Promise<Buffer> {
  if (io.isInteractive) throw wrongUsage('give the value on standard input, or name its file with --from-file')
  return Buffer.from((await io.readStdin()).replace(/\r?\n$/, ''))
}
