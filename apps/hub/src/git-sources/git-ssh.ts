/**
 * Git over SSH: the key of a source and the keys of its server, as files that exist during a fetch only. The program
 * reads no other configuration, and connects only to the checked address if it has one of the declared keys.
 */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitSourceSpec } from '@skerry/contract/git-sources/git-source'
import type { GitRun } from './git-program.ts'

/** The name of the server in the file of known hosts, so that its address and port do not matter. */
const ALIAS = 'skerry-git-server'

const CONNECT_SECONDS = 20

export type SshAccess = AsyncDisposable & Required<Pick<GitRun, 'environment'>>

type Keys = { spec: Pick<GitSourceSpec, 'hostKeys'>; privateKey: string; address: string }

/** Writes the files; disposing of it removes them. */
export async function openSsh(folder: string, { spec, privateKey, address }: Keys): Promise<SshAccess> {
  const identity = join(folder, 'ssh-identity')
  const hosts = join(folder, 'ssh-hosts')
  await rm(identity, { force: true })
  await writeFile(identity, `${privateKey.trim()}\n`, { mode: 0o600 })
  await writeFile(hosts, spec.hostKeys.map((key) => `${ALIAS} ${key}\n`).join(''))
  // [ssh_config] Paths may have spaces.
  const options = {
    HostName: address,
    HostKeyAlias: ALIAS,
    UserKnownHostsFile: `"${hosts}"`,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    IdentityFile: `"${identity}"`,
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    BatchMode: 'yes',
    ConnectTimeout: String(CONNECT_SECONDS),
    PermitLocalCommand: 'no',
    ForwardAgent: 'no',
  }
  const words = Object.entries(options).map(([name, value]) => `-o ${quoted(`${name}=${value}`)}`)
  return {
    environment: { GIT_SSH_COMMAND: `ssh -F /dev/null ${words.join(' ')}`, GIT_SSH_VARIANT: 'ssh' },
    [Symbol.asyncDispose]: () => rm(identity, { force: true }),
  }
}

/** [git, GIT_SSH_COMMAND] A shell reads the command. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** Why SSH failed, with the next step; undefined if it did not. */
export function sshProblem(text: string): string | undefined {
  // SSH goes on without a key that it cannot read, and is denied then.
  if (/error in libcrypto|invalid format|incorrect passphrase/i.test(text))
    return 'the token is no private key of OpenSSH without a passphrase; make one with "ssh-keygen -t ed25519 -N \'\'"'
  if (/Host key verification failed|REMOTE HOST IDENTIFICATION/i.test(text))
    return 'the server has another key than the declared ones; compare "ssh-keyscan HOST" with its owner, and set it with --host-keys'
  if (/Permission denied \(|Too many authentication failures/i.test(text))
    return 'the server rejects the key; enter its public half there with the right to read, or set another one with --token-file'
  return undefined
}
