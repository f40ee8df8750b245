/** `skerry login` */
import { createClient } from '@skerry/client/client'
import { KeySecret } from '@skerry/contract/key'
import { asIs, command, fits, required, value } from '../command.ts'
import { fail } from '../failure.ts'
import { type FoundHub, findHub } from '../hub-identity.ts'
import { readText } from '../input-file.ts'
import { originOf, profilePath, trustAuthority, writeProfile } from '../profile.ts'
import type { Session } from '../session.ts'

export const logIn = command({
  name: 'login',
  summary: 'Sign in to a hub: store its address, your key, and the CA that its certificate comes from',
  details:
    'The CA is accepted only when its fingerprint is the one given, or one that you confirm. Compare it with what the hub printed at ' +
    'its first start: whoever answers in its place could read your key.',
  examples: ['skerry login https://hub.example:8443 --key sk_... --ca-fingerprint 3f9a...'],
  arguments: { url: required('<url>', 'address of the hub, such as https://hub.example:8443', asIs) },
  options: {
    key: value('--key <key>', 'API key; asked for, or read from SKERRY_KEY, where it is not given', fits(KeySecret)),
    keyFile: value('--key-file <file>', 'file that holds the API key', asIs),
    fingerprint: value('--ca-fingerprint <hex>', 'SHA-256 of the CA certificate of the hub', parseFingerprint),
  },
  async run({ url, key, keyFile, fingerprint }, session) {
    const hub = originOf(url)
    const found = await findHub(hub, session.signal)
    await accept(found, fingerprint, session)
    const caPem = found.isTrusted ? undefined : found.caPem
    if (caPem !== undefined) trustAuthority(caPem)
    const secret = key ?? (await findKey(keyFile, session))
    const me = await createClient({ hub, key: secret }).hub.me({}, { signal: session.signal })
    await writeProfile(session.io.env, { v: 1, hub, key: secret, ...(caPem !== undefined && { caPem }) })
    session.print({
      json: { hub, caFingerprint: found.fingerprint, ...me },
      text: () =>
        [
          `signed in to ${hub} as ${me.name} (${me.role} of ${me.organisation})`,
          `its CA has the fingerprint ${found.fingerprint}`,
          `stored in ${profilePath(session.io.env)}`,
        ].join('\n'),
    })
  },
})

/** Believes the hub to be the right one, or throws. */
async function accept(
  { fingerprint, isTrusted }: FoundHub,
  expected: string | undefined,
  session: Session,
): Promise<void> {
  if (expected !== undefined) {
    if (expected === fingerprint) return
    throw fail('fingerprint_mismatch', `the hub's CA has the fingerprint ${fingerprint}, not ${expected}`)
  }
  if (isTrusted) return
  session.note(`The certificate of the hub comes from a CA that this machine does not know:\n  ${fingerprint}`)
  if (!session.io.isInteractive)
    throw fail('fingerprint_missing', `nobody is here to compare the fingerprint ${fingerprint}`)
  const answer = await session.io.ask('Is this the fingerprint that the hub printed? [y/N] ', session.signal)
  if (!/^y(es)?$/i.test(answer.trim())) throw fail('confirmation_refused', 'not signed in')
}

async function findKey(keyFile: string | undefined, { io, signal }: Session): Promise<string> {
  const text = await keyText(keyFile, io, signal)
  const key = KeySecret.safeParse(text.trim())
  if (!key.success) throw fail('login_invalid', `this is no API key: it ${key.error.issues[0]?.message}`)
  return key.data
}

function keyText(keyFile: string | undefined, io: Session['io'], signal: AbortSignal): string | Promise<string> {
  if (keyFile !== undefined) return readText(keyFile)
  if (io.env.SKERRY_KEY) return io.env.SKERRY_KEY
  if (io.isInteractive) return io.ask('API key: ', signal)
  throw fail('login_missing', 'there is no key to sign in with', {
    next: 'give one with --key, --key-file or SKERRY_KEY',
  })
}

function parseFingerprint(text: string): string {
  const hex = text
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error('must be 64 hexadecimal digits')
  return hex
}
