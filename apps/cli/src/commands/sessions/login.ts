/** `skerry login` */
import { createClient } from '@skerry/client/client'
import { KeySecret } from '@skerry/contract/people/key'
import { Name } from '@skerry/contract/values/names'
import { keyByBrowser } from '../../program/browser-login.ts'
import { asIs, command, fits, flag, type Option, type RawOption, required, value } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { type FoundHub, findHub } from '../../program/hub-identity.ts'
import { readText } from '../../program/input-file.ts'
import { originOf, profilePath, trustAuthority } from '../../program/profile.ts'
import type { Session } from '../../program/session.ts'
import { parseDuration } from '../../program/values.ts'
import { keepKey, requireOrganisation } from '../organisations/organisation-keys.ts'

export const logIn = command({
  name: 'login',
  summary: 'Sign in to a hub, by browser or with a key; stores the address, the key and the CA of the hub',
  details:
    'Without a key, the command shows a link and a code. A person signs in there, on any machine, and agrees. This machine then gets a key that ends ' +
    'with the person, and after 30 days. With --key, or SKERRY_KEY, it stores that key.\n\n' +
    'The CA is accepted only if its fingerprint is the given one, or you confirm it. Compare it with the one that the hub printed at ' +
    'its first start: otherwise another server could read your key.',
  examples: [
    'skerry login https://hub.example:8443',
    'skerry login https://hub.example:8443 --org plant-north',
    'skerry login https://hub.example:8443 --key sk_... --ca-fingerprint 3f9a...',
  ],
  arguments: { url: required('<url>', 'address of the hub, such as https://hub.example:8443', asIs) },
  options: {
    key: keyOption(
      '--key [key]',
      'API key; if the option has no value, it is read from SKERRY_KEY or from the terminal',
    ),
    keyFile: value('--key-file <file>', 'file that holds the API key', asIs),
    expiresInSeconds: value(
      '--expires-in <time>',
      'how long the key of a browser login is valid; 30d by default, at most 90d',
      parseDuration,
    ),
    organisation: value('--org <name>', 'the organisation to sign in to, if you belong to several', fits(Name)),
    noBrowser: flag('--no-browser', 'only show the link'),
    fingerprint: value('--ca-fingerprint <hex>', 'SHA-256 of the CA certificate of the hub', parseFingerprint),
  },
  async run({ url, key, keyFile, fingerprint, expiresInSeconds, organisation, noBrowser }, session) {
    const hub = originOf(url)
    const found = await findHub(hub, session.signal)
    await accept(found, fingerprint, session)
    const caPem = found.isTrusted ? undefined : found.caPem
    if (caPem !== undefined) trustAuthority(caPem)
    if (found.notice !== undefined) session.note(`${found.notice}\n`)
    const given = await givenKey({ key, keyFile }, session)
    const wish = { expiresInSeconds, organisation, opensBrowser: session.io.isInteractive && !noBrowser }
    const secret = given ?? (await keyByBrowser(hub, wish, session))
    const me = await createClient({ hub, key: secret }).hub.me({}, { signal: session.signal })
    requireOrganisation(me.organisation, organisation)
    await keepKey(session.io.env, { hub, key: secret, caPem, organisation: me.organisation })
    session.print({
      json: { hub, caFingerprint: found.fingerprint, ...me },
      text: () =>
        [
          `signed in to ${hub} as ${me.name} (${me.roles.join(', ')} of ${me.organisation})`,
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
    throw fail('fingerprint_missing', `nobody is at the terminal to compare the fingerprint ${fingerprint}`)
  const answer = await session.io.ask('Is this the fingerprint that the hub printed? [y/N] ', session.signal)
  if (!/^y(es)?$/i.test(answer.trim())) throw fail('confirmation_refused', 'not signed in')
}

type Given = { key: string | undefined; keyFile: string | undefined }

/** The key that somebody brings along; undefined where nobody does. */
async function givenKey({ key, keyFile }: Given, { io, signal }: Session): Promise<string | undefined> {
  const text = keyFile !== undefined ? await readText(keyFile) : (key ?? io.env.SKERRY_KEY)
  if (!text) return undefined
  if (text === ASK && !io.isInteractive) throw fail('login_missing', 'nobody is at the terminal to type a key')
  const found = KeySecret.safeParse((text === ASK ? await io.ask('API key: ', signal) : text).trim())
  if (!found.success) throw fail('login_invalid', `this is not an API key: it ${found.error.issues[0]?.message}`)
  return found.data
}

const ASK = 'ask'

/** An option whose value may be left out. */
function keyOption(flags: string, help: string): Option<string | undefined> {
  const read = (raw: RawOption) => (raw === true ? ASK : value(flags, help, fits(KeySecret)).read(raw))
  return { flags, help, isList: false, read }
}

function parseFingerprint(text: string): string {
  const hex = text
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error('must be 64 hexadecimal digits')
  return hex
}
