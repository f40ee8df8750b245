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

test('the table holds only procedures, each with a method, path, summary, input and output', () => {
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

/** Reads of rows that may be about people. Each is audited, and so counts as a change. */
const AUDITED_READS = new Map([
  ['capture.rows', 'capture.read'],
  ['access.recording', 'access.replay'],
  ['access.watch', 'access.replay'],
])

/** Changes that are open to strangers: each request brings a secret of its own. */
const OPEN_CHANGES = ['session.create', 'session.end', 'device.join', 'device.rejoin']

/**
 * For the person concerned, in any role: each procedure itself checks a session, a password, an invitation or a letter
 * (apps/hub/test/access/people.test.ts).
 */
const isOwnAccount = (name: string) => name.startsWith('account.')

test('only joining, signing in and hub.about are public, and changes need a permission', () => {
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
    const audited = AUDITED_READS.get(name)
    if (audited !== undefined) {
      expect([access, isReadOnly], name).toEqual([audited, false])
      continue
    }
    if (access.endsWith('.read')) expect(isReadOnly, name).toBe(true)
    if (!isReadOnly)
      expect(access, name).toMatch(
        /\.(write|run|inspect|wipe|approve|install|create|sign|send|label|export|request|open|serve|submit|review)$/,
      )
  }
})

test('a viewer may only read, and each permission of a procedure belongs to a role', () => {
  expect(
    permissionsOf.viewer.filter((permission) =>
      /\.(write|run|inspect|wipe|approve|install|create|sign|send|label|export|request|open|serve|submit|review)$/.test(
        permission,
      ),
    ),
  ).toEqual([])
  expect(permissionsOf.viewer).not.toContain('capture.read')
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

test('a public procedure has no caller, so it declares neither a scope nor an approval rule', () => {
  for (const { name, definition } of procedures) {
    const { access, scope, approval }: ProcedureMeta = definition.meta
    if (access === 'public') expect([scope, approval], name).toEqual(['none', 'none'])
  }
})

/** A caller with a scope is admitted by these parameters of a path (apps/hub/src/scopes/scope-guard.ts). */
const PLACES = ['device', 'site', 'deployment', 'rollout', 'batch']

test('the path of a procedure with a named scope begins with that place', () => {
  for (const { name, definition } of procedures) {
    const { scope }: ProcedureMeta = definition.meta
    if (scope !== 'named') continue
    expect(PLACES, name).toContain(/\{(\w+)\}/.exec(definition.route.path ?? '')?.[1])
  }
})

test('a procedure declares approval_needed exactly if an approval rule applies, and then it is a change', () => {
  for (const { name, definition } of procedures) {
    const { approval, isReadOnly }: ProcedureMeta = definition.meta
    expect('approval_needed' in definition.errorMap, name).toBe(approval !== 'none')
    if (approval !== 'none') expect(isReadOnly, name).toBe(false)
  }
})

test('each error code is a noun and a problem, and procedures declare codes of the table', () => {
  expect(Object.keys(errors).filter((code) => !/^[a-z]+(_[a-z]+)+$/.test(code))).toEqual([])
  for (const { name, definition } of procedures) {
    for (const [code, declared] of Object.entries(definition.errorMap)) {
      expect(errors, name).toHaveProperty(code)
      expect(declared).toEqual(errors[code as keyof typeof errors])
    }
  }
})
