/**
 * Scope guard: if a role has a scope, it checks that a call stays inside. No other place does. An object outside
 * answers as if it did not exist. A call that reaches further is rejected. It runs when the caller is admitted, and
 * again inside the transaction of a change.
 */
import type { ProcedureMeta } from '@skerry/contract/api/procedure'
import { compileScope, isWithin, narrowed, type Scope } from '@skerry/core/people/scope'
import { findDeployment } from '../deployments/deployment-store.ts'
import { problem } from '../http/problem.ts'
import type { NounFacts, ScopePlace, ScopeQuestion } from '../nouns/noun.ts'

/** Each role has one scope at most; a compiled scope takes some 20 kB. */
const SCOPES_MAX = 500

const compiled = new Map<string, Scope>()

/** The compiled scope of a text that was accepted before. */
export function storedScope(text: string): Scope {
  const known = compiled.get(text)
  if (known) return known
  const scope = compileScope(text)
  // The store has accepted texts only. An upgrade that rejects one must fail loudly, and not admit everybody.
  if (!scope.ok) throw new Error(`the stored scope ${text} does not compile: ${scope.message}`)
  if (compiled.size >= SCOPES_MAX) compiled.clear()
  compiled.set(text, scope)
  return scope
}

export type ScopedCall = { meta: Pick<ProcedureMeta, 'scope'>; route: string | undefined; input: unknown }

type Wish = ScopeQuestion & Pick<NounFacts, 'inScope'>

/** Throws if the call reaches outside. The input has not been parsed: a text that is no name names nothing. */
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

/**
 * The first parameter of the path is a place; api.test.ts of the contract checks this. The following ones, such as a
 * source of a device, are in it.
 */
async function requirePlaces({ inScope, ...question }: Wish, route: string, values: Map<string, unknown>) {
  const names = [...route.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name)
  if (!isPlace(inScope, names[0] ?? '')) throw new Error(`no scope is known for ${route}`)
  for (const place of names) {
    if (!isPlace(inScope, place)) continue
    if (!(await inScope[place](question, String(values.get(place) ?? '')))) throw problem(`${place}_unknown`)
  }
}

const isPlace = (inScope: Wish['inScope'], name: string): name is ScopePlace => Object.hasOwn(inScope, name)
