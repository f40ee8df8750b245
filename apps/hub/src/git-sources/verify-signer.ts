/**
 * Verify signer: which declared signer signed a commit, with SSH or with OpenPGP. Git verifies the signature, against the
 * declared keys only: a file of allowed signers, or a keyring that holds nothing else.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type GitSigner, PgpPublicKey } from '@skerry/contract/git-sources/git-source'
import type { Hub } from '../hub.ts'
import { type GitRun, runGit } from './git-program.ts'
import { folderOf, GitProblem, lastLine, need, plain } from './git-repository.ts'

type Verified = { id: string; hash: string; signers: readonly GitSigner[] }

const isPgp = ({ key }: GitSigner): boolean => PgpPublicKey.safeParse(key).success

/** The name of the declared signer of the commit. Throws if none of them signed it. */
export async function verifySigner(
  hub: Pick<Hub, 'config'>,
  { id, hash, signers }: Verified,
  signal: AbortSignal,
): Promise<string> {
  const folder = folderOf(hub, id)
  const path = join(folder, 'allowed-signers')
  const lines = signers.filter((signer) => !isPgp(signer)).map(({ name, key }) => `${name} namespaces="git" ${key}\n`)
  await writeFile(path, lines.join(''))
  const ring = await keyringOf(folder, signers.filter(isPgp), signal)
  const settings = {
    'gpg.ssh.allowedSignersFile': path,
    'gpg.ssh.program': 'ssh-keygen',
    ...(ring && { 'gpg.openpgp.program': 'gpg' }),
  }
  const run = { folder, settings, ...(ring && { environment: ring.environment }) }
  const verified = await runGit({ ...run, args: ['verify-commit', '--raw', hash] }, signal)
  if (!verified.ok) throw unsigned(hash, signers, lastLine(verified.text) || 'it has no good signature')
  // [git-log] The fingerprint of the primary key, and the name of the signer.
  const shown = await need({ ...run, args: ['log', '-1', '--format=%GP%x00%GS', hash] }, signal)
  const [primary = '', principal = ''] = shown.toString('utf8').trim().split('\0')
  const name = ring?.names.get(primary) ?? signers.find((each) => !isPgp(each) && each.name === principal)?.name
  if (name === undefined) throw unsigned(hash, signers, `its signer is ${plain(principal)}`)
  return name
}

const unsigned = (hash: string, signers: readonly GitSigner[], reason: string) =>
  new GitProblem(
    'git_unsigned',
    `no declared key signed the commit ${hash.slice(0, 12)} (${reason}); one of ${signers
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 300)} must sign it, or add the key to the source`,
  )

type Keyring = { environment: Readonly<Record<string, string>>; names: ReadonlyMap<string, string> }

/** A new keyring with the declared keys of OpenPGP. Undefined if there are none, so that gpg is not needed. */
async function keyringOf(
  folder: string,
  signers: readonly GitSigner[],
  signal: AbortSignal,
): Promise<Keyring | undefined> {
  if (signers.length === 0) return undefined
  const home = join(folder, 'keyring')
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true, mode: 0o700 })
  const environment = { GNUPGHOME: home }
  const names = new Map<string, string>()
  for (const { name, key } of signers) {
    const common = { folder, program: 'gpg' as const, environment, input: key }
    const quiet = ['--batch', '--quiet', '--no-tty', '--no-autostart']
    await needKey({ ...common, args: [...quiet, '--import'] }, name, signal)
    const listed = await needKey({ ...common, args: [...quiet, '--with-colons', '--show-keys'] }, name, signal)
    for (const primary of primaryFingerprints(listed.toString('utf8'))) names.set(primary, name)
  }
  return { environment, names }
}

async function needKey(run: GitRun, name: string, signal: AbortSignal): Promise<Buffer> {
  const result = await runGit(run, signal)
  if (result.ok) return result.output
  if (result.reason === 'missing')
    throw new GitProblem('git_program_missing', 'the machine of the hub has no gpg; install gpg there')
  throw new GitProblem('git_unsigned', `the key of ${name} is no key of OpenPGP: ${lastLine(result.text)}`)
}

/** [GnuPG, DETAILS] The record `fpr` after `pub` has the fingerprint of the primary key in its field 10. */
function primaryFingerprints(listing: string): string[] {
  const records = listing.split('\n').map((line) => line.split(':'))
  return records.flatMap(([kind, ...fields], at) =>
    kind === 'fpr' && records[at - 1]?.[0] === 'pub' ? [fields[8] ?? ''] : [],
  )
}
