/**
 * Scope guard: where a role has a scope, the one place that looks whether a call stays inside. What lies outside answers as if it did not
 * exist; what reaches further is refused. Asked when the caller is let in, and again inside the transaction of a change.
 */
import type { ProcedureMeta } from '@skerry/contract/api/procedure'
import { compileScope, isWithin, narrowed, type Scope } from '@skerry/core/people/scope'
import { findDeployment } from '../deployments/deployment-store.ts'
import { problem } from '../http/problem.ts'
import type { NounFacts, Place, ScopeQuestion } from '../nouns/noun.ts'

/** Each role has one at most; a compiled scope takes some 20 kB. */
const SCOPES_MAX = 500

const compiled = new Map<string, Scope>()

/** The scope of a text that was accepted before. */
export function storedScope(text: string): Scope {
  const known = compiled.get(text)
  if (known) return known
  const scope = compileScope(text)
  // Only accepted texts are stored; an upgrade that refuses one must be loud, not let in everybody.
  if (!scope.ok) throw new Error(`the stored scope ${text} does not compile: ${scope.message}`)
  if (compiled.size >= SCOPES_MAX) compiled.clear()
  compiled.set(text, scope)
  return scope
}

export type ScopedCall = { meta: Pick<ProcedureMeta, 'scope'>; route: string | undefined; input: unknown }

type Wish = ScopeQuestion & Pick<NounFacts, 'inScope'>

/** Throws where the call reaches outside. The input has not been parsed: what fits no name names nothing. */
export async function requireScope(wish: Wish, { meta, route, input }: ScopedCall): Promise<void> {
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  switch (meta.scope) {
    case 'none':
      throw problem('scope_refused')
    case 'selecting':
      return requireSelector(wish, values)
    case 'named':
      return requirePlaces(wish, route ?? '', values)
    case 'whole':
    case 'filtered':
      return
  }
}

async function requireSelector({ db, organisationId, scope }: Wish, values: Map<string, unknown>): Promise<void> {
  const { selector, name } = Object.fromEntries(values)
  const text = typeof selector === 'string' ? selector : 'true'
  if (!isWithin(text, scope.text)) {
    throw problem('scope_exceeded', `your role has a scope; write the selector as: ${narrowed(text, scope.text)}`)
  }
  const deployment = typeof name === 'string' ? await findDeployment(db, organisationId, name) : undefined
  if (deployment && !isWithin(deployment.spec.selector, scope.text)) {
    throw problem(
      'scope_exceeded',
      'a deployment of this name reaches beyond the scope of your role; choose another name',
    )
  }
}

/** The first parameter of the path is a place; api.test.ts of the contract holds this. What follows it, such as a source of a device, lies in it. */
async function requirePlaces({ inScope, ...question }: Wish, route: string, values: Map<string, unknown>) {
  const names = [...route.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name)
  if (!isPlace(inScope, names[0] ?? '')) throw new Error(`no scope is known for ${route}`)
  for (const place of names) {
    if (!isPlace(inScope, place)) continue
    if (!(await inScope[place](question, String(values.get(place) ?? '')))) throw problem(`${place}_unknown`)
  }
}

const isPlace = (inScope: Wish['inScope'], name: string): name is Place => Object.hasOwn(inScope, name)
