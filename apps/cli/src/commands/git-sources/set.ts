import { parse } from 'node:path'
import { problemOf } from '@skerry/client/problem'
import {
  GIT_INTERVAL_SECONDS,
  GitBranch,
  GitPath,
  GitSigner,
  GitSourceSpec,
  GitUrl,
  SshPublicKey,
} from '@skerry/contract/git-sources/git-source'
import { RoleName } from '@skerry/contract/people/role'
import { asIs, command, fits, fitsNumber, flag, list, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { GIT_SOURCE } from './git-source-view.ts'

export const setGitSource = command({
  name: 'git-source set',
  summary: 'Follow a Git repository: the hub applies its documents as "skerry apply" would',
  details:
    'The documents are those of "skerry apply": every .yaml and .yml file below --path. The source gets a key of its own with --role, and has ' +
    'its permissions only. With --signers only commits that one of these keys signed are applied; the file has lines as ' +
    '"olga@plant.example ssh-ed25519 AAAA...", the format of allowed_signers, or is a public key of OpenPGP. A second call changes only the options that you give. ' +
    'Begin with --paused: the source then shows the differences, and applies nothing until "skerry git-source resume".',
  examples: [
    'skerry git-source set fleet --url https://git.example.com/plant/fleet.git --path sites --role editor --token-file token --paused',
    'skerry git-source set fleet --signers allowed_signers --on-drift repair',
    'skerry git-source set fleet --url ssh://git.example.com/plant/fleet.git --host-keys keys --token-file id_ed25519 --role editor',
    'skerry git-source set local --url file:///srv/git/fleet.git --role editor',
  ],
  arguments: { name: GIT_SOURCE },
  options: {
    url: value(
      '--url <url>',
      'https or ssh URL of the repository, or file:///DIR in the folder of --git-root',
      fits(GitUrl),
    ),
    branch: value('--branch <name>', 'branch to follow (default: main)', fits(GitBranch)),
    path: value('--path <path>', 'folder or file with the documents (default: all)', fits(GitPath)),
    role: value('--role <role>', 'role of the source', fits(RoleName)),
    user: value('--user <name>', 'user name that goes with the token, or of SSH (default: git)', asIs),
    tokenFile: value(
      '--token-file <file>',
      'file with the token, or with the private key of SSH; an empty file removes it',
      asIs,
    ),
    hostKeyFile: value('--host-keys <file>', 'public keys of a server of SSH, as ssh-keyscan prints them', asIs),
    intervalSeconds: value(
      '--every <seconds>',
      `seconds between two looks (default: ${GIT_INTERVAL_SECONDS.usual})`,
      fitsNumber(GitSourceSpec.shape.intervalSeconds.unwrap()),
    ),
    signerFiles: list(
      '--signers <file>',
      'keys whose commits count: allowed_signers of SSH, or NAME.asc of OpenPGP',
      asIs,
    ),
    isUnsigned: flag('--unsigned', 'apply commits without a signature too'),
    onDrift: value(
      '--on-drift <show|repair>',
      'whether later differences are shown, or repaired',
      fits(GitSourceSpec.shape.onDrift.unwrap()),
    ),
    onLeave: value(
      '--on-leave <keep|remove>',
      'whether documents that leave the repository stay, or are removed',
      fits(GitSourceSpec.shape.onLeave.unwrap()),
    ),
    isPaused: flag('--paused', 'begin paused; for a new source'),
  },
  async run({ name, tokenFile, hostKeyFile, signerFiles, isUnsigned, isPaused, ...given }, session) {
    if (isUnsigned && signerFiles.length > 0)
      throw wrongUsage('--unsigned and --signers exclude each other', 'choose one')
    const { client } = await session.hub()
    const known = await knownSpec(session, name)
    const chosen = Object.fromEntries(Object.entries(given).filter(([, each]) => each !== undefined))
    const signers = signerFiles.length > 0 ? await readSigners(signerFiles) : undefined
    const hostKeys = hostKeyFile === undefined ? undefined : hostKeysIn(hostKeyFile, await readText(hostKeyFile))
    const wish = {
      ...known,
      ...chosen,
      ...(hostKeys && { hostKeys }),
      ...(signers && { signers }),
      ...(isUnsigned && { signers: [] }),
    }
    const spec = parseWish(wish)
    const token = tokenFile === undefined ? undefined : (await readText(tokenFile)).trim()
    const { change, source } = await client.gitSource.set(
      { name, spec, isPaused, ...(token !== undefined && { accessToken: token }) },
      { signal: session.signal },
    )
    session.print({
      json: { change, source },
      text: () => `${change} the Git source ${name}; "skerry git-source sync ${name}" shows the first outcome`,
    })
  },
})

function parseWish(wish: Partial<GitSourceSpec>): GitSourceSpec {
  const { url, role } = wish
  if (url === undefined || role === undefined)
    throw wrongUsage(`${url === undefined ? '--url' : '--role'} is missing`, 'a new source needs one')
  // The keys belong to one server.
  const parsed = GitSourceSpec.safeParse(/^ssh:/.test(url) ? wish : { ...wish, hostKeys: [] })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw wrongUsage(issue?.message ?? '', 'print them: "ssh-keyscan HOST > keys", and give --host-keys keys')
}

async function knownSpec(session: Session, name: string): Promise<Partial<GitSourceSpec>> {
  const { client } = await session.hub()
  try {
    return (await client.gitSource.get({ name }, { signal: session.signal })).spec
  } catch (error) {
    if (problemOf(error).code === 'git_source_unknown') return {}
    throw error
  }
}

/** [ssh-keyscan] Names, then the key; a plain public key has no names. */
function hostKeysIn(file: string, text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  return lines.map((line) => {
    const words = line.trim().split(/\s+/)
    const at = words.findIndex((word) => /^(ssh-|ecdsa-)/.test(word))
    const key = SshPublicKey.safeParse(words.slice(at, at + 2).join(' '))
    if (key.success) return key.data
    throw wrongUsage(`${file} has a line without a public key`, 'print the keys with "ssh-keyscan HOST"')
  })
}

/** The name of the file is the name of the signer. */
function pgpSigner(file: string, text: string): GitSigner {
  const signer = GitSigner.safeParse({ name: parse(file).name, key: text.replaceAll('\r', '') })
  if (signer.success) return signer.data
  throw wrongUsage(
    `${file} is no public key of OpenPGP with the name of its signer`,
    'export it: "gpg --armor --export olga@plant.example > olga.asc"',
  )
}

/** [ssh-keygen, allowed signers] Principals, then options, which are not read here, then the key. */
async function readSigners(files: readonly string[]): Promise<GitSigner[]> {
  const signers: GitSigner[] = []
  for (const file of files) {
    const text = await readText(file)
    if (text.startsWith('-----BEGIN PGP')) {
      signers.push(pgpSigner(file, text))
      continue
    }
    const lines = text.split('\n')
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue
      const [principals = '', ...words] = line.trim().split(/\s+/)
      const at = words.findIndex((word) => /^(ssh-|ecdsa-|sk-)/.test(word))
      const key = SshPublicKey.safeParse(words.slice(at, at + 2).join(' '))
      if (at !== 0 || !key.success)
        throw wrongUsage(
          `${file}:${index + 1} is no signer`,
          'write a name and a public key, such as "olga ssh-ed25519 AAAA..."',
        )
      signers.push(...principals.split(',').map((principal) => ({ name: principal, key: key.data })))
    }
  }
  return signers
}
