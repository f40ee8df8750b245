/** Root options: the options of the root file system, which an image and a bundle share. */
import { asIs, list, needed, type Parse, usually, value } from '../../../program/command.ts'

const matches =
  (form: RegExp, description: string): Parse<string> =>
  (text) => {
    if (!form.test(text)) throw new Error(`must be ${description}`)
    return text
  }

/** [Debian policy, 5.6.7] */
const packageName = matches(/^[a-z0-9][a-z0-9+.-]+$/, 'the name of a Debian package')

/** It is written into settings of RAUC, a line each. */
export const plainText: Parse<string> = matches(/^[A-Za-z0-9][A-Za-z0-9 ._+~-]{0,63}$/, 'letters, digits and . _ + ~ -')

const agentWords = matches(/^[^"'\\#\n\r\0]*$/, 'one line without quotes and backslashes')

const mirrorUrl = matches(/^https?:\/\/[^\s'"\\]+$/, 'an address such as http://deb.debian.org/debian')

const hostName = matches(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name such as gateway')

const suiteName = matches(/^[a-z][a-z0-9-]{0,31}$/, 'a suite such as trixie')

export const rootOptions = {
  out: needed('--out <file>', 'the new file', asIs),
  agent: needed('--agent <file>', 'the .deb of the agent', asIs),
  keyring: needed('--keyring <file>', 'certificate in PEM that bundles for this system must be signed with', asIs),
  compatible: needed('--compatible <text>', 'name of the hardware and system that bundles must state', plainText),
  packages: list('--package <name>', 'further Debian package', packageName),
  kernel: value('--kernel <package>', 'Debian package of the kernel; linux-image-amd64 by default', packageName),
  files: value('--files <folder>', 'folder whose files are copied over the root file system', asIs),
  hostname: usually('--hostname <name>', 'skerry', 'host name', hostName),
  agentOptions: value('--agent-options <text>', 'further options of the agent', agentWords),
  healthCheck: value(
    '--health-check <file>',
    'program that must succeed in the new system before its slot is marked good',
    asIs,
  ),
  suite: usually('--suite <name>', 'trixie', 'suite of Debian', suiteName),
  cache: value('--cache <folder>', 'folder that keeps the downloaded packages for the next time', asIs),
  mirror: value('--mirror <url>', 'mirror of Debian', mirrorUrl),
}

export type RootInput = { [Key in keyof typeof rootOptions]: ReturnType<(typeof rootOptions)[Key]['read']> }
