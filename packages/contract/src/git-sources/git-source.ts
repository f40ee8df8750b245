/**
 * Git sources: repositories whose documents the hub applies as "skerry apply" would. A commit is applied once. Later
 * differences between the commit and the hub are shown as drift, or repaired if the source says so.
 */
import * as z from 'zod'
import { RoleName } from '../people/role.ts'
import { KeyId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

/** An organisation has a repository or two a team. Each costs a request a minute and some megabytes of disk. */
export const GIT_SOURCES_MAX = 20

/** A repository of manifests is small. The limit keeps the disk of the hub, and 60 s at 8 Mbit/s fetch it. */
export const GIT_PACK_BYTES_MAX = 64 * 1024 * 1024

/** More documents than one person reviews. Each costs a comparison. */
export const GIT_FILES_MAX = 500

/** The files of a commit together: a deployment has about a kilobyte, and the hub reads them between two requests. */
export const GIT_FILES_BYTES_MAX = 1024 * 1024

/** Lines of all differences that the hub keeps of the last comparison. */
export const GIT_DIFF_LINES_MAX = 2_000

/** A longer line, such as one of a configuration, is cut: a person reads its beginning. */
export const GIT_DIFF_CHARACTERS_MAX = 500

/** Changes that the hub names. The count is of all. */
export const GIT_CHANGES_MAX = 200

/**
 * The address of a repository. It has no user and no password: the token or the private key is stored apart, encrypted. The hub decides
 * whether it may reach the host, and which folders of its own machine `file:` may name.
 */
export const GitUrl = z
  .url({ protocol: /^(https|http|file|ssh)$/ })
  .max(500)
  .refine((text) => !/[?#@\s\\]/.test(text), 'must have no user, no query and no fragment')
  .refine((text) => !/(^|\/)\.\.?(\/|$)/.test(decoded(text)), 'must have no .. in its path')

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return '/../'
  }
}

/** [git-check-ref-format] A branch name without the characters that mean something to Git or to a shell. */
export const GitBranch = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]*$/, 'must be a branch name such as main or release/2026')
  .refine((text) => !/\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(text), 'is not a branch name of Git')

/** A folder or a file of the repository. */
export const GitPath = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_./ -]*$|^\.$/, 'must be a path in the repository such as sites/north, or .')
  .refine((text) => !/(^|\/)\.\.?(\/|$)/.test(text) || text === '.', 'must stay inside the repository')

/** [OpenSSH] A public key in one line, without options and without its comment. */
export const SshPublicKey = z
  .string()
  .max(2_000)
  .regex(
    /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+={0,2}$/,
    'must be an SSH public key in one line, such as "ssh-ed25519 AAAA..."',
  )

/** [RFC 9580 6.2] A public key of OpenPGP as `gpg --armor --export` writes it; one of 4,096 bits has some kilobytes. */
export const PgpPublicKey = z
  .string()
  .max(20_000)
  .regex(
    /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n[\n\x20-\x7e]+\n-----END PGP PUBLIC KEY BLOCK-----\n?$/,
    'must be a public key of OpenPGP, as "gpg --armor --export" writes it',
  )

/** A person or a program whose commits count. */
export const GitSigner = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/, 'must be a name or an e-mail address'),
  key: z.union([SshPublicKey, PgpPublicKey]),
})
export type GitSigner = z.infer<typeof GitSigner>

/** Everybody who may change a plant's deployments. */
export const GIT_SIGNERS_MAX = 50

/** A webhook starts a sync at once. Without it, a minute is soon enough, and a day is the slowest that still is a sync. */
export const GIT_INTERVAL_SECONDS = { min: 60, max: 86_400, usual: 300 }

/** A server has a key of each kind, and has two of each while it changes them. */
export const GIT_HOST_KEYS_MAX = 6

const spec = z.strictObject({
  url: GitUrl,
  branch: GitBranch.default('main'),
  path: GitPath.default('.'),
  /** The role of the source's own key. All that it applies passes the same checks as a call of that role. */
  role: RoleName,
  /** The public keys of the server, for an address of SSH. No other server gets a connection. */
  hostKeys: z.array(SshPublicKey).max(GIT_HOST_KEYS_MAX).default([]),
  /** [RFC 7617] The user name that goes with the token, or of SSH. Most servers ignore it, or want `git`. */
  user: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/)
    .default('git'),
  intervalSeconds: z
    .int()
    .min(GIT_INTERVAL_SECONDS.min)
    .max(GIT_INTERVAL_SECONDS.max)
    .default(GIT_INTERVAL_SECONDS.usual),
  /** Only commits that one of them signed are applied. If there are none, no signature is needed. */
  signers: z.array(GitSigner).max(GIT_SIGNERS_MAX).default([]),
  /** `show`: people decide about a difference that appears after the apply. `repair`: the hub applies the commit again. */
  onDrift: z.enum(['show', 'repair']).default('show'),
  /**
   * `keep`: a person removes documents that left the repository. `remove`: the hub removes them with the commit. A
   * deployment that would go waits until a person accepts the commit.
   */
  onLeave: z.enum(['keep', 'remove']).default('keep'),
})

export const GitSourceSpec = spec.refine(({ url, hostKeys }) => url.startsWith('ssh:') === hostKeys.length > 0, {
  message: 'an address of SSH needs the public keys of its server, and no other address has them',
  path: ['hostKeys'],
})
export type GitSourceSpec = z.infer<typeof GitSourceSpec>

/** SHA-1 or SHA-256 of a commit. */
export const CommitHash = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'must be the whole hash of a commit')
export type CommitHash = z.infer<typeof CommitHash>

export const GitCommit = z.strictObject({
  hash: CommitHash,
  subject: z.string().max(200),
  author: z.string().max(200),
  atMs: InstantMs,
  /** The declared signer; absent if no signature was asked for. */
  signer: z.string().max(100).optional(),
})
export type GitCommit = z.infer<typeof GitCommit>

/**
 * - `new`: not synchronised yet.
 * - `current`: the hub is as the commit says.
 * - `drifted`: the hub differs from the commit, which was applied before.
 * - `paused`: a person paused the source. Differences are shown, and nothing is applied.
 * - `waiting`: a person must accept or approve something; the problem names it.
 * - `failed`: the problem names the reason. The hub tries again.
 */
export const GitSourceState = z.enum(['new', 'current', 'drifted', 'paused', 'waiting', 'failed'])
export type GitSourceState = z.infer<typeof GitSourceState>

/** The codes of a source's problem. Others are codes of the API, from the call that was rejected. */
export const GIT_PROBLEMS = [
  'git_unreachable',
  'git_refused',
  'git_branch_missing',
  'git_too_large',
  'git_unsafe',
  'git_unsigned',
  'git_rewound',
  'git_empty',
  'git_manifest_invalid',
  'git_acceptance_needed',
  'git_program_missing',
] as const
export type GitProblemCode = (typeof GIT_PROBLEMS)[number]

export const GitChange = z.strictObject({
  kind: z.string().max(20),
  name: Name,
  change: z.enum(['create', 'update']),
  /** Lines that begin with +, - or a space; cut at the limit of the source. */
  diff: z.array(z.string().max(GIT_DIFF_CHARACTERS_MAX)).max(GIT_DIFF_LINES_MAX),
})
export type GitChange = z.infer<typeof GitChange>

export const GitSource = z.strictObject({
  name: Name,
  spec: GitSourceSpec,
  state: GitSourceState,
  hasToken: z.boolean(),
  hasWebhook: z.boolean(),
  /** The key with which the source calls the hub; the audit trail names it. */
  keyId: KeyId,
  paused: z.strictObject({ atMs: InstantMs, by: z.string().max(63), reason: z.string().max(500) }).optional(),
  /** The newest commit of the branch at the last look. */
  head: GitCommit.optional(),
  applied: z.strictObject({ hash: CommitHash, atMs: InstantMs }).optional(),
  /** The documents of the newest readable commit. */
  documents: z.int().min(0).optional(),
  /** The present differences. `changes` names the first ones, and is empty in a list of sources. */
  differing: z.int().min(0),
  changes: z.array(GitChange).max(GIT_CHANGES_MAX),
  /** Such as `Site oslo`: they have left the repository, and the hub still has them. A person removes them. */
  kept: z.array(z.string().max(90)).max(GIT_CHANGES_MAX),
  problem: z.strictObject({ code: z.string().max(60), message: z.string().max(4_000), sinceMs: InstantMs }).optional(),
  checkedAtMs: InstantMs.optional(),
  nextAtMs: InstantMs,
  createdAtMs: InstantMs,
  changedAtMs: InstantMs,
  changedBy: z.string().max(63),
})
export type GitSource = z.infer<typeof GitSource>
