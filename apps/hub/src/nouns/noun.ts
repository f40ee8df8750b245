/**
 * Noun: the contribution of a folder to the hub: its procedures, and its part of the work that the hub does for all
 * nouns. It is a plain object, listed in nouns.ts. The guards, which the handlers import, get the combined facts as
 * `hub.nouns`.
 */
import type { Levels } from '@skerry/contract/api/hub-procedures'
import type { Entity } from '@skerry/contract/api/procedure'
import type { EntityTag } from '@skerry/contract/values/entity-tag'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Scope } from '@skerry/core/people/scope'
import type { Hub } from '../hub.ts'
import type { Db, Tables } from '../store/store.ts'

export type Noun = {
  /**
   * By noun of the API, such as `site`; several folders can share one. nouns.ts compares them with the contract.
   *
   * A noun gives them a named type. Without it the compiler would copy their inferred types, of 1 MB a noun, into the
   * declaration.
   */
  handlers?: Readonly<Record<string, object>>
  /** The tables of an organisation that its purge empties, in this order. */
  purge?: readonly PurgedTable[]
  /** The tables of an organisation that outlive its purge, or that the purge empties in another way. */
  kept?: readonly TableName[]
  entityTags?: { readonly [Kind in Entity]?: FindTag }
  inScope?: { readonly [Kind in ScopePlace]?: IsInScope }
  /**
   * The levels that an action of the audit trail may raise, by the noun at the start of the action's name
   * (watch/level-raise.ts).
   */
  raises?: Readonly<Record<string, readonly RaisedLevel[]>>
  /** The leader runs them, for all hubs. */
  sweeps?: readonly Sweep[]
  /** The leader starts them when it begins to lead, and disposes of them afterwards. */
  engines?: readonly StartEngine[]
}

/** The trail raises the level `audit` itself. */
export type RaisedLevel = Exclude<keyof Levels, 'audit'>

export type TableName = keyof Tables

/** A table with a column `organisation_id`, and the columns of its primary key. */
export type PurgedTable = readonly [table: TableName, key: readonly string[]]

export type TagQuestion = {
  hub: Hub
  db: Db
  organisationId: OrganisationId
  /** The text of a parameter; empty if the input has none, or an invalid name. */
  named(parameter: string): string
}

/** Finds the state of the object that the input names. */
export type FindTag = (question: TagQuestion) => Promise<EntityTag | undefined>

/** A parameter of a path that names a place. The place is in the scope of a caller, or unknown to the caller. */
export type ScopePlace = 'device' | 'site' | 'deployment' | 'rollout' | 'batch'

export type ScopeQuestion = { db: Db; organisationId: OrganisationId; scope: Scope }

export type IsInScope = (question: ScopeQuestion, reference: string) => Promise<boolean>

export type Sweep = { name: string; everyMs: number; run(hub: Hub): Promise<unknown> }

export type StartEngine = (hub: Hub) => AsyncDisposable | Disposable

/** The facts of all nouns that guards and the purge need. */
export type NounFacts = {
  readonly entityTags: Readonly<Record<Entity, FindTag>>
  readonly inScope: Readonly<Record<ScopePlace, IsInScope>>
  readonly purge: readonly PurgedTable[]
  readonly kept: readonly TableName[]
  readonly raises: Readonly<Record<string, readonly RaisedLevel[]>>
}
