/** Handlers of the procedures on entitlements. */
import { ENTITLEMENTS_MAX, type EntitlementStatement } from '@skerry/contract/market/entitlement'
import { EMERGENCY_MS } from '@skerry/core/market/entitlements/judge-entitlements'
import { openEntitlement } from '@skerry/platform/signatures/entitlement-signature'
import { findDevice } from '../../devices/device-store.ts'
import type { KeyCall } from '../../http/call.ts'
import { os } from '../../http/implementer.ts'
import { problem } from '../../http/problem.ts'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { Db } from '../../store/store.ts'
import type { MarketEmergencyTable, MarketEntitlementTable } from '../../store/tables/market/market-tables.ts'
import { signingKeys } from '../../trust/trust-store.ts'
import {
  emergencyOf,
  entitlementOf,
  insertEmergency,
  insertEntitlement,
  listEntitlements,
  openEmergencies,
} from './entitlement-store.ts'

export const entitlementHandlers = {
  list: os.entitlement.list.handler(async ({ context }) => {
    const { hub, organisationId } = context
    const nowMs = hub.clock.nowMs()
    const trusted = new Set((await trustedRows(context)).map(({ key_id }) => key_id as string))
    const rows = await listEntitlements(hub.store.db, { organisationId })
    const emergencies = await openEmergencies(hub.store.db, { organisationId, nowMs })
    return { rows: rows.map((row) => entitlementOf(row, trusted, nowMs)), emergencies: emergencies.map(emergencyOf) }
  }),
  add: os.entitlement.add.handler(async ({ context, input: { envelope } }) => {
    const { hub, organisationId, caller } = context
    const keys = await trustedRows(context)
    const opened = openEntitlement(
      envelope,
      keys.map(({ public_key_pem }) => public_key_pem),
    )
    if (!opened.ok) throw problem('entitlement_refused', opened.message)
    const { statement, keyId, digest } = opened
    if (statement.tenant !== caller.organisation) {
      throw problem(
        'entitlement_refused',
        `it is of the organisation ${statement.tenant}, not of ${caller.organisation}`,
      )
    }
    const nowMs = hub.clock.nowMs()
    const row: MarketEntitlementTable = {
      organisation_id: organisationId,
      digest,
      listing: statement.listing,
      statement: toJson(statement),
      key_id: keyId,
      added_at_ms: nowMs,
      added_by: caller.name,
    }
    await context.change(async (tx, note) => {
      note.object = { kind: 'entitlement', id: statement.listing }
      note.detail = { listing: statement.listing, devices: statement.devices, trial: statement.trial, digest }
      await refuseFurther(tx, context, { row, statement })
      await insertEntitlement(tx, row)
    })
    return entitlementOf(row, new Set([keyId]), nowMs)
  }),
  emergency: os.entitlement.emergency.handler(async ({ context, input: { listing, device: name, reason } }) => {
    const { hub, organisationId, caller } = context
    const device = await findDevice(hub.store.db, organisationId, name)
    if (!device) throw problem('device_unknown')
    const nowMs = hub.clock.nowMs()
    const row: MarketEmergencyTable = {
      organisation_id: organisationId,
      listing,
      device_id: device.id,
      device: device.name,
      began_at_ms: nowMs,
      until_ms: nowMs + EMERGENCY_MS,
      began_by: caller.name,
      reason,
    }
    await context.change(async (tx, note) => {
      note.object = { kind: 'device', id: device.id }
      note.detail = { listing, device: device.name, untilMs: row.until_ms, reason }
      if (!(await insertEmergency(tx, row)))
        throw problem(
          'entitlement_refused',
          `${device.name} has had its emergency period for ${listing}; it has one, once`,
        )
    })
    return emergencyOf(row)
  }),
}

async function trustedRows({ hub, organisationId }: KeyCall) {
  const keys = await signingKeys(hub.store.db, { organisationId, first: hub.signing })
  return keys.filter(({ state }) => state !== 'revoked')
}

type Added = { row: MarketEntitlementTable; statement: EntitlementStatement }

async function refuseFurther(db: Db, { organisationId }: KeyCall, { row, statement }: Added): Promise<void> {
  const all = await listEntitlements(db, { organisationId })
  if (all.length >= ENTITLEMENTS_MAX)
    throw problem('entitlement_refused', `an organisation has at most ${ENTITLEMENTS_MAX} entitlements`)
  const others = all.filter(({ digest, listing }) => digest !== row.digest && listing === row.listing)
  if (statement.trial && others.some((other) => fromJson(other.statement).trial))
    throw problem('entitlement_refused', `the organisation has had its trial of ${row.listing}; it has one, once`)
}
