/** Procedures on batches: one command over many devices. To create, to sign and to send one are three permissions. */
import * as z from 'zod'
import {
  Batch,
  BatchDetail,
  BatchDevice,
  BatchOutput,
  BatchPlan,
  BatchSpec,
  BatchStatus,
  JobOutcome,
} from '../../batches/batch.ts'
import { BatchKind } from '../../batches/batch-command.ts'
import { BatchId } from '../../values/ids.ts'
import { Page, pageOf, Reason, SelectorText } from '../../values/names.ts'
import { procedure } from '../procedure.ts'
import { DeviceReference } from './device-procedures.ts'

const one = z.strictObject({ batch: BatchId })

export const batchProcedures = {
  plan: procedure({
    method: 'POST',
    path: '/v1/batches/plan',
    access: 'batch.read',
    scope: 'selecting',
    approval: 'none',
    isReadOnly: true,
    summary: 'List the devices of a batch, without creating it',
    errors: ['selector_invalid'],
  })
    .input(z.strictObject({ selector: SelectorText }))
    .output(BatchPlan),
  create: procedure({
    method: 'POST',
    path: '/v1/batches',
    access: 'batch.create',
    scope: 'selecting',
    approval: 'none',
    summary: 'Create a batch for the devices that the selector picks now; nothing happens before it is signed and sent',
    errors: ['selector_invalid', 'batch_empty', 'batch_too_large', 'batch_expiry_passed'],
  })
    .input(BatchSpec)
    .output(Batch),
  list: procedure({
    method: 'GET',
    path: '/v1/batches',
    access: 'batch.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List batches, newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page, status: BatchStatus.optional(), kind: BatchKind.optional() }))
    .output(pageOf(Batch)),
  get: procedure({
    method: 'GET',
    path: '/v1/batches/{batch}',
    access: 'batch.read',
    scope: 'named',
    approval: 'none',
    entity: 'batch',
    summary: 'Show a batch with its failures',
    errors: ['batch_unknown'],
  })
    .input(one)
    .output(BatchDetail),
  devices: procedure({
    method: 'GET',
    path: '/v1/batches/{batch}/devices',
    access: 'batch.read',
    scope: 'named',
    approval: 'none',
    summary: 'List the devices of a batch by name, with their outcomes',
    errors: ['batch_unknown'],
  })
    .input(z.strictObject({ ...Page, batch: BatchId, outcome: JobOutcome.optional() }))
    .output(pageOf(BatchDevice)),
  output: procedure({
    method: 'GET',
    path: '/v1/batches/{batch}/devices/{device}',
    access: 'device.inspect',
    scope: 'named',
    approval: 'none',
    // It changes nothing, and is audited all the same: a device's log is nobody else's to see.
    isReadOnly: false,
    summary: 'Show the output of one device',
    errors: ['batch_unknown', 'device_unknown'],
  })
    .input(z.strictObject({ batch: BatchId, device: DeviceReference }))
    .output(BatchOutput),
  sign: procedure({
    method: 'POST',
    path: '/v1/batches/{batch}/sign',
    access: 'batch.sign',
    scope: 'named',
    approval: 'none',
    entity: 'batch',
    summary: "Sign a batch with the hub's key; devices reject unsigned batches",
    errors: ['batch_unknown', 'batch_event_refused', 'batch_key_refused', 'batch_expiry_passed'],
  })
    .input(one)
    .output(Batch),
  send: procedure({
    method: 'POST',
    path: '/v1/batches/{batch}/send',
    access: 'batch.send',
    scope: 'named',
    approval: 'batches',
    entity: 'batch',
    summary: 'Send a signed batch, now or at its start time',
    errors: ['approval_needed', 'batch_unknown', 'batch_event_refused', 'batch_key_refused', 'batch_expiry_passed'],
  })
    .input(one)
    .output(Batch),
  cancel: procedure({
    method: 'POST',
    path: '/v1/batches/{batch}/cancel',
    access: 'batch.send',
    scope: 'named',
    approval: 'none',
    entity: 'batch',
    summary: 'Cancel a batch: no further device gets the command, and devices that have not started it never do',
    errors: ['batch_unknown', 'batch_event_refused'],
  })
    .input(z.strictObject({ batch: BatchId, reason: Reason }))
    .output(Batch),
  retry: procedure({
    method: 'POST',
    path: '/v1/batches/{batch}/retry',
    access: 'batch.send',
    scope: 'named',
    approval: 'batches',
    entity: 'batch',
    summary: 'Send the command again to devices that failed, timed out or were not reached, signed again for them only',
    errors: ['approval_needed', 'batch_unknown', 'batch_event_refused', 'batch_key_refused', 'batch_empty'],
  })
    .input(one)
    .output(Batch),
}
