/** `skerry secret set` */
import { SECRET_BYTES_MAX, SecretName } from '@skerry/contract/secrets/secret'
import { asIs, command, fits, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { readBytes } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { SCOPE_OPTIONS, scopeGiven } from './secret-reference.ts'

export const setSecret = command({
  name: 'secret set',
  summary: 'Give a secret a value; nobody can read it back',
  details:
    'The value comes from a file, as it is, or from standard input, where one final line end is left out. Never as an argument: those are seen by everybody on the machine. A device gets it within a second, or when it connects.',
  examples: [
    'skerry secret set plc-password --site rotterdam < password.txt',
    'skerry secret set ca.pem --from-file plant-ca.pem',
  ],
  arguments: { name: required('<name>', 'name of the secret, and of its file on devices', fits(SecretName)) },
  options: { ...SCOPE_OPTIONS, fromFile: value('--from-file <file>', 'file that holds the value', asIs) },
  async run({ name, fromFile, ...values }, session) {
    const scope = scopeGiven(values)
    const plain = fromFile === undefined ? await piped(session) : await readBytes(fromFile)
    if (plain.length === 0) throw wrongUsage('the value is empty', 'skerry secret rm removes a secret')
    if (plain.length > SECRET_BYTES_MAX) {
      throw wrongUsage(`the value has ${plain.length} bytes; ${SECRET_BYTES_MAX} are the most`)
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
