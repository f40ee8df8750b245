import { isContractProcedure } from '@orpc/contract'
import { expect, test } from 'vitest'
import type { ProcedureMeta } from './api/procedure.ts'
import { api, byteRoutes } from './api.ts'
import { errors } from './errors/errors.ts'
import { link } from './link/link.ts'
import { OperatorPermission, permissionsOf } from './people/permissions.ts'

const procedures = Object.entries(api).flatMap(([noun, table]) =>
  Object.entries(table).map(([verb, procedure]) => ({ name: `${noun}.${verb}`, definition: procedure['~orpc'] })),
)

test('the table holds procedures only, each with a method, a path, a summary, an input and an output', () => {
  for (const { name, definition } of procedures) {
    expect(definition.route.method, name).toMatch(/^(GET|POST|PUT|DELETE)$/)
    expect(definition.route.path, name).toMatch(/^\/v1\/[a-z]/)
    expect(definition.route.summary, name).toMatch(/^[A-Z].*[^.]$/)
    expect(definition.inputSchema, name).toBeDefined()
    expect(definition.outputSchema, name).toBeDefined()
  }
  expect(Object.values(link).every(isContractProcedure)).toBe(true)
})

test('no two procedures share a method and a path', () => {
  const routes = [...procedures.map(({ definition }) => definition.route), ...Object.values(byteRoutes)]
  const shapes = routes.map(({ method, path }) => `${method} ${path?.replace(/\{[^}]+\}/g, '{}')}`)
  expect(shapes.filter((shape, index) => shapes.indexOf(shape) !== index)).toEqual([])
})

/** What a stranger may change: each brings a secret of its own. */
const OPEN_CHANGES = ['session.create', 'session.end', 'device.join', 'device.rejoin']

/** For whoever it is about, whatever the role: each looks for a session, a password, an invitation or a letter by itself (apps/hub/test/access/people.test.ts). */
const isOwnAccount = (name: string) => name.startsWith('account.')

test('only joining, signing in and naming the hub are open to everybody, and whoever changes things needs a permission for it', () => {
  const accessOf = (meta: ProcedureMeta) => meta.access
  expect(
    procedures
      .filter(({ definition }) => accessOf(definition.meta) === 'public')
      .map(({ name }) => name)
      .filter((name) => !isOwnAccount(name)),
  ).toEqual(['hub.about', ...OPEN_CHANGES])
  for (const { name, definition } of procedures) {
    if (OPEN_CHANGES.includes(name) || isOwnAccount(name)) continue
    const { access, isReadOnly } = definition.meta
    if (access.endsWith('.read')) expect(isReadOnly, name).toBe(true)
    if (!isReadOnly) expect(access, name).toMatch(/\.(write|run|inspect|wipe|approve|create|sign|send)$/)
  }
})

test('a viewer may read and change nothing; every permission of a procedure belongs to a role', () => {
  expect(
    permissionsOf.viewer.filter((permission) =>
      /\.(write|run|inspect|wipe|approve|create|sign|send)$/.test(permission),
    ),
  ).toEqual([])
  for (const { definition } of procedures) {
    const { access } = definition.meta
    if (access === 'public' || access === 'caller') continue
    const holder = OperatorPermission.safeParse(access).success ? 'operator' : 'owner'
    expect(permissionsOf[holder]).toContain(access)
  }
  for (const permission of ['device.join', ...OperatorPermission.options] as const) {
    expect(permissionsOf.owner).not.toContain(permission)
  }
})

test('a public procedure has no caller, so it states neither a scope nor a rule of approval', () => {
  for (const { name, definition } of procedures) {
    const { access, scope, approval }: ProcedureMeta = definition.meta
    if (access === 'public') expect([scope, approval], name).toEqual(['none', 'none'])
  }
})

/** A caller with a scope is admitted by these parameters of a path (apps/hub/src/scopes/scope-guard.ts). */
const PLACES = ['device', 'site', 'deployment', 'rollout', 'batch']

test('the path of a procedure that names a place begins with that place', () => {
  for (const { name, definition } of procedures) {
    const { scope }: ProcedureMeta = definition.meta
    if (scope !== 'named') continue
    expect(PLACES, name).toContain(/\{(\w+)\}/.exec(definition.route.path ?? '')?.[1])
  }
})

test('a procedure declares approval_needed exactly if it falls under a rule of approval, and then it changes something', () => {
  for (const { name, definition } of procedures) {
    const { approval, isReadOnly }: ProcedureMeta = definition.meta
    expect('approval_needed' in definition.errorMap, name).toBe(approval !== 'none')
    if (approval !== 'none') expect(isReadOnly, name).toBe(false)
  }
})

test('every error code is a noun and a problem, and every procedure declares codes of the table with their status', () => {
  expect(Object.keys(errors).filter((code) => !/^[a-z]+(_[a-z]+)+$/.test(code))).toEqual([])
  for (const { name, definition } of procedures) {
    for (const [code, declared] of Object.entries(definition.errorMap)) {
      expect(errors, name).toHaveProperty(code)
      expect(declared).toEqual(errors[code as keyof typeof errors])
    }
  }
})
