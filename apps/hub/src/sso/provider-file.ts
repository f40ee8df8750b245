/** Provider file: with whom people sign in (`--sso-file`). Secrets stand in files or in the environment, never in it. */

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Role, TenantRole } from '@skerry/contract/people/permissions'
import { RoleName } from '@skerry/contract/people/role'
import { ProviderId } from '@skerry/contract/people/user'
import { Name } from '@skerry/contract/values/names'
import * as z from 'zod'

/** As many buttons as a page can show. */
const PROVIDERS_MAX = 10

/** A directory has more groups than roles can be told apart by. */
const RULES_MAX = 200

/** A built-in role, or one of the organisation's own. Operators are made by hand. */
const MappedRole = RoleName.refine(
  (name) => TenantRole.safeParse(name).success || !Role.safeParse(name).success,
  'must be a role of people in an organisation',
)

const Entry = z
  .strictObject({
    id: ProviderId,
    /** What the button says. */
    label: z.string().trim().min(1).max(40),
    issuer: z.url().max(500).refine(isIssuer, 'must be https, or http on this machine, without query or fragment'),
    clientId: z.string().min(1).max(500),
    clientSecretFile: z.string().optional(),
    clientSecretVariable: z.string().optional(),
    /** PEM of the authority of the provider's certificate, besides the usual ones. */
    caFile: z.string().optional(),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))
      .max(20)
      .default(['openid', 'email', 'profile']),
    /** Whose people they are. */
    organisation: Name.default('default'),
    groupsClaim: z.string().min(1).max(200).default('groups'),
    roles: z
      .array(z.strictObject({ group: z.string().min(1).max(500), role: MappedRole }))
      .max(RULES_MAX)
      .default([]),
    roleOtherwise: MappedRole.optional(),
    emailDomains: z.array(z.string().min(1).max(253).toLowerCase()).max(100).default([]),
    /** For providers that never say whether they have verified an address, and have. */
    trustEmail: z.boolean().default(false),
    admit: z.enum(['everybody', 'invited']).default('invited'),
    /** What is asked for, and what counts as a second factor. */
    acrValues: z.array(z.string().min(1).max(200)).max(10).default([]),
    secondFactorAcr: z.array(z.string().min(1).max(200)).max(10).default([]),
  })
  .refine(({ clientSecretFile: a, clientSecretVariable: b }) => a === undefined || b === undefined, {
    error: 'give clientSecretFile or clientSecretVariable, not both',
  })
  .refine(({ admit, roles, roleOtherwise }) => admit === 'invited' || roles.length > 0 || roleOtherwise !== undefined, {
    error: 'admit: everybody needs roles or roleOtherwise',
  })
  .transform((entry) => ({ ...entry, scopes: [...new Set(['openid', ...entry.scopes])] }))

const File = z.strictObject({ providers: z.array(Entry).min(1).max(PROVIDERS_MAX) })

export type ProviderConfig = Omit<z.infer<typeof Entry>, 'clientSecretFile' | 'clientSecretVariable' | 'caFile'> & {
  clientSecret: string | undefined
  caPem: string | undefined
}

export type ProvidersResult =
  | { ok: true; providers: ProviderConfig[] }
  | { ok: false; code: 'option_invalid'; message: string }

/** Reads it and what it names; a refusal says which provider and field, and never a secret. */
export async function readProviders(
  path: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ProvidersResult> {
  if (path === undefined) return { ok: true, providers: [] }
  try {
    const parsed = File.safeParse(JSON.parse(await readFile(path, 'utf8')))
    if (!parsed.success) {
      const { path: field, message } = parsed.error.issues[0] ?? { path: [], message: 'is not right' }
      return refuse(`${path}: ${field.join('.') || 'the file'} ${message}`)
    }
    const providers: ProviderConfig[] = []
    for (const entry of parsed.data.providers) providers.push(await completed(entry, { path, environment }))
    const ids = providers.map(({ id }) => id)
    const twice = ids.find((id, index) => ids.indexOf(id) !== index)
    return twice === undefined ? { ok: true, providers } : refuse(`${path} names the provider ${twice} twice`)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

type Surroundings = { path: string; environment: Readonly<Record<string, string | undefined>> }

async function completed(entry: z.infer<typeof Entry>, { path, environment }: Surroundings): Promise<ProviderConfig> {
  const { clientSecretFile, clientSecretVariable, caFile, ...rest } = entry
  const read = (file: string) => readFile(resolve(dirname(path), file), 'utf8')
  const secret =
    clientSecretVariable === undefined
      ? clientSecretFile && (await read(clientSecretFile)).trim()
      : environment[clientSecretVariable]
  const hasNamed = clientSecretFile !== undefined || clientSecretVariable !== undefined
  if (hasNamed && !secret) throw new Error(`the client secret of the provider ${entry.id} is empty or missing`)
  const caPem = caFile === undefined ? undefined : await read(caFile)
  if (caPem !== undefined) new X509Certificate(caPem)
  return { ...rest, clientSecret: secret, caPem }
}

const refuse = (message: string): ProvidersResult => ({
  ok: false,
  code: 'option_invalid',
  message: `--sso-file must be JSON as in docs/people.md: ${message}`,
})

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** [OpenID Connect Core 1.0, 2] https, with a path perhaps. What never leaves this machine may do without TLS. */
function isIssuer(text: string): boolean {
  const { protocol, hostname, search, hash, username } = new URL(text)
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname))
  return isSafe && search === '' && hash === '' && username === ''
}
