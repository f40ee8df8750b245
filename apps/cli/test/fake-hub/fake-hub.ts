/**
 * Fake hub: the contract's procedures over TLS with a CA of its own, answered from memory. It tests how the CLI handles
 * answers.
 */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { OpenAPIHandler } from '@orpc/openapi/node'
import { errors } from '@skerry/contract/errors/errors'
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { ALERTS } from './fake-alerts.ts'
import { auditOf, auditRouter } from './fake-audit.ts'
import { batchRouter } from './fake-batches.ts'
import { inferring, logsOf } from './fake-commands.ts'
import {
  ANOMALY,
  ANOMALY_1,
  GATEWAY,
  NOW_MS,
  ORGANISATION,
  OWNER,
  OWNER_KEY,
  ROTTERDAM,
  rolloutOf,
  VIEWER_KEY,
} from './fake-data.ts'
import { deploymentRouter, rolloutRouter } from './fake-deployments.ts'
import { EVENTS } from './fake-events.ts'
import { FAKE_ANSWERS, FAKE_GOLDEN, FAKE_GOLDEN_PATH } from './fake-golden.ts'
import { CERTIFICATES, HEALTH } from './fake-hub-health.ts'
import { intrusionRouter } from './fake-intrusion.ts'
import { modelReaders } from './fake-models.ts'
import { selectorRouter } from './fake-selectors.ts'
import { type FakeState, type Implementer, implementer, refusal } from './fake-state.ts'
import { patch, uploadOf } from './fake-uploads.ts'

export type FakeHub = AsyncDisposable & {
  url: string
  caPem: string
  caFingerprint: string
  /** Tests read this state, and change it to test the CLI's reaction. */
  state: FakeState
}

/** Opens it on a free port; everything ends with `await using`. */
export async function openFakeHub(): Promise<FakeHub> {
  const state: FakeState = {
    alerts: ALERTS,
    sites: new Map([[ROTTERDAM.name, ROTTERDAM]]),
    deployments: new Map(),
    audit: auditOf(3),
    blobs: new Map(),
    pushes: [],
    watched: [rolloutOf(0), rolloutOf(1), rolloutOf(3)],
    watchEnds: [],
    calls: [],
    cuts: 0,
  }
  // The real clock decides whether certificates are valid.
  const nowMs = Date.now()
  const authority = await createAuthority({ commonName: 'Fake hub CA', nowMs })
  const server = await issueServerCertificate(authority, { names: ['localhost', '127.0.0.1'], nowMs })
  const caPem = authority.certificatePem
  const handler = new OpenAPIHandler(routerOf(state, caPem))
  const https = createServer(
    { cert: server.certificatePem, key: server.privateKeyPem, ca: caPem },
    (request, response) => {
      const key = request.headers.authorization?.replace('Bearer ', '')
      const answer = async () => {
        if (request.method === 'PATCH') return patch(state, request, response)
        if (request.url === FAKE_GOLDEN_PATH) return response.end(JSON.stringify(FAKE_GOLDEN))
        const { matched } = await handler.handle(request, response, { context: { key } })
        if (!matched)
          response.writeHead(404).end(JSON.stringify({ defined: true, code: 'route_unknown', ...errors.route_unknown }))
      }
      answer().catch((error: unknown) => response.destroy(error as Error))
    },
  )
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve))
  const { port } = https.address() as AddressInfo
  return {
    url: `https://localhost:${port}`,
    caPem,
    caFingerprint: fingerprintOf(caPem),
    state,
    async [Symbol.asyncDispose]() {
      https.closeAllConnections()
      await new Promise((resolve) => https.close(resolve))
    },
  }
}

function routerOf(state: FakeState, caPem: string) {
  const os = implementer.use(({ context, next, procedure }) => {
    const { access, isReadOnly } = procedure['~orpc'].meta
    if (access === 'public') return next()
    if (context.key === undefined) throw refusal('key_missing')
    if (context.key !== OWNER_KEY && context.key !== VIEWER_KEY) throw refusal('key_invalid')
    if (context.key === VIEWER_KEY && !isReadOnly) throw refusal('permission_denied')
    return next()
  })
  const none = { next: undefined }
  return {
    hub: {
      about: os.hub.about.handler(() => ({
        name: 'skerry',
        version: '0.1.0',
        caPem,
        signingKeys: ['the PEM of a key'],
        timeMs: NOW_MS,
        ...(state.notice !== undefined && { notice: state.notice }),
      })),
      me: os.hub.me.handler(({ context }) => ({
        organisationId: ORGANISATION,
        organisation: 'default',
        kind: 'key' as const,
        id: OWNER.id,
        name: context.key === OWNER_KEY ? 'owner' : 'viewer',
        roles: [context.key === OWNER_KEY ? 'owner' : 'viewer'],
        permissions: [],
      })),
      status: os.hub.status.handler(() => ({
        organisation: 'default',
        hubVersion: '0.1.0',
        sites: state.sites.size,
        devices: {
          online: 2,
          stale: 1,
          stopped: 1,
          never: 0,
          pending: 1,
          conflictPaused: 0,
          quarantined: 1,
          revoked: 0,
        },
        items: { active: 2, moving: 0, failed: 1 },
        models: 1,
        deployments: state.deployments.size,
        rollouts: [rolloutOf(1)],
      })),
      alerts: os.hub.alerts.handler(() => state.alerts),
      health: os.hub.health.handler(() => HEALTH),
      certificates: os.hub.certificates.handler(() => CERTIFICATES),
    },
    site: siteRouter(os, state),
    device: {
      list: os.device.list.handler(({ input: { filter } }) => {
        if (filter !== undefined) state.calls.push(`device.list ${filter}`)
        return { rows: listedDevices(filter), ...none }
      }),
      get: os.device.get.handler(({ input }) => {
        if (input.device !== GATEWAY.name) throw refusal('device_unknown')
        return GATEWAY
      }),
      // Two a page, so that the CLI has to fetch another page.
      events: os.device.events.handler(({ input }) => {
        const start = Number(input.after ?? 0)
        const rows = EVENTS.slice(start, start + 2)
        return start + 2 < EVENTS.length ? { rows, next: String(start + 2) } : { rows }
      }),
      relabel: os.device.relabel.handler(({ input }) => {
        if (input.ifRevision !== GATEWAY.revision) throw refusal('revision_stale')
        return { ...deviceOf(GATEWAY), labels: input.labels }
      }),
      infer: os.device.infer.handler(({ input }) => inferring(state, input)),
      logs: os.device.logs.handler(({ input }) => logsOf(input)),
      remove: os.device.remove.handler(({ input }) => {
        state.calls.push(`device.remove ${input.device}`)
        return {}
      }),
    },
    key: {
      list: os.key.list.handler(() => ({ rows: [OWNER], ...none })),
      create: os.key.create.handler(({ input }) => ({
        secret: VIEWER_KEY,
        key: { ...OWNER, name: input.name, role: input.role },
      })),
    },
    audit: auditRouter(os, state),
    intrusion: intrusionRouter(os, state),
    batch: batchRouter(os),
    upload: {
      create: os.upload.create.handler(({ input }) => uploadOf(state, input.digest, input.sizeBytes)),
    },
    model: {
      ...modelReaders(os, state),
      list: os.model.list.handler(() => ({ rows: [], ...none })),
      getVersion: os.model.getVersion.handler(({ input }) => {
        if (input.name !== ANOMALY.name) throw refusal('model_unknown')
        return input.version === '1' ? ANOMALY_1 : ANOMALY
      }),
      compare: os.model.compare.handler(() => FAKE_ANSWERS),
      servingDevices: os.model.servingDevices.handler(({ input }) => {
        if (state.running?.every(({ version }) => String(version) !== input.version)) return { rows: [], ...none }
        const { id, name, site, liveness, items } = GATEWAY
        const stats = items[0]?.stats
        return { rows: [{ id, name, site, liveness, state: 'active', sinceMs: NOW_MS - 61_000, stats }], ...none }
      }),
      push: os.model.push.handler(({ input }) => {
        const created = !state.pushes.some((push) => push.files[0]?.digest === input.files[0]?.digest)
        state.pushes.push(input)
        const version = { ...ANOMALY, name: input.name, goldenCases: input.golden?.cases.length ?? 0 }
        const { notRecorded } = state
        return { created, version, ...(!created && notRecorded && { notRecorded }) }
      }),
    },
    selector: selectorRouter(os, state),
    deployment: deploymentRouter(os, state),
    rollout: rolloutRouter(os, state),
  }
}

function siteRouter(os: Implementer, { sites, calls }: FakeState) {
  return {
    list: os.site.list.handler(() => ({ rows: [...sites.values()] })),
    get: os.site.get.handler(({ input }) => {
      const site = sites.get(input.site)
      if (!site) throw refusal('site_unknown')
      return site
    }),
    apply: os.site.apply.handler(({ input: { ifRevision, dryRun: _dryRun, ...spec } }) => {
      const before = sites.get(spec.name)
      if (ifRevision !== undefined && ifRevision !== (before?.revision ?? 0)) throw refusal('revision_stale')
      const site = {
        ...spec,
        id: ROTTERDAM.id,
        deviceCount: 0,
        createdAtMs: NOW_MS,
        revision: (before?.revision ?? 0) + 1,
      }
      sites.set(spec.name, site)
      calls.push(`site.apply ${spec.name}`)
      return { change: before ? ('updated' as const) : ('created' as const), site }
    }),
    remove: os.site.remove.handler(({ input }) => {
      if (sites.get(input.site)?.deviceCount) throw refusal('site_in_use')
      calls.push(`site.remove ${input.site}`)
      sites.delete(input.site)
      return {}
    }),
  }
}

/** As the hub lists it, with its models. The word `nothing` fits no device. */
const listedDevices = (filter: string | undefined) => {
  const models = GATEWAY.items.map(({ name, target: { version }, state, serving }) => ({
    name,
    version,
    state,
    ...(serving && { serving: serving.version }),
  }))
  const device = { ...deviceOf(GATEWAY), health: 'degraded' as const, models, modelCount: models.length }
  return filter?.startsWith('nothing') ? [] : [device]
}

const deviceOf = ({ inventory: _inventory, items: _items, conditions: _conditions, ...device }: typeof GATEWAY) =>
  device
