/**
 * Registry login: the header that a registry wants [distribution, Token Authentication Specification]. It names a server
 * of tokens, or takes name and password itself.
 */
import type { ImportHost, ImportOptions } from './import-host.ts'
import { importProblem } from './import-problem.ts'
import { requestText } from './request-text.ts'

type Place = { registry: string; repository: string; actions?: 'pull' | 'pull,push' }

/** The value of `authorization`; undefined if the registry wants none. */
export async function registryLogin(
  { registry, repository, actions = 'pull' }: Place,
  { token, authorities }: Pick<ImportOptions, 'token' | 'authorities'>,
  host: ImportHost,
): Promise<string | undefined> {
  const url = new URL(`https://${registry}/v2/`)
  const first = await requestText({ url, authorization: undefined, authorities }, host)
  if (first.status !== 401) return undefined
  const own = token?.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : undefined
  const challenge = String(first.headers['www-authenticate'] ?? '')
  if (!/^bearer /i.test(challenge)) {
    if (token === undefined) throw missing(registry)
    return own ?? `Bearer ${token}`
  }
  // A token without a name is one that the registry itself gave.
  if (token !== undefined && own === undefined) return `Bearer ${token}`
  return tokenFrom({ challenge, scope: `repository:${repository}:${actions}`, own, authorities }, host)
}

const missing = (host: string) =>
  importProblem('import_failed', `${host} needs credentials (401)`, {
    next: 'write USER:PASSWORD into a file, and give it with --token-file',
  })

type Challenge = { challenge: string; scope: string; own: string | undefined; authorities: string | undefined }

async function tokenFrom({ challenge, scope, own, authorities }: Challenge, host: ImportHost): Promise<string> {
  const parts = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]))
  const url = URL.parse(parts.get('realm') ?? '')
  // The password must not travel without encryption, whatever the registry says.
  if (url?.protocol !== 'https:')
    throw importProblem('import_failed', 'the registry names no server of tokens with https', {
      next: 'ask the owner of the registry',
    })
  const service = parts.get('service')
  if (service !== undefined) url.searchParams.set('service', service)
  url.searchParams.set('scope', scope)
  const { status, text } = await requestText({ url, authorization: own, authorities }, host)
  if (status === 401 || status === 403) throw own === undefined ? missing(url.host) : rejected(url.host)
  const found = tokenIn(text)
  if (status !== 200 || found === undefined)
    throw importProblem('import_failed', `the server of tokens ${url.host} answered ${status} without a token`)
  return `Bearer ${found}`
}

const rejected = (host: string) =>
  importProblem('import_failed', `${host} rejects the name or the password`, { next: 'check the file of --token-file' })

function tokenIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null) return undefined
    const value = 'token' in answer ? answer.token : 'access_token' in answer ? answer.access_token : undefined
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
