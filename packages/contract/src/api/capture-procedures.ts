/** Procedures on captures: the rules, the rows on devices, the labels, and the performance that the labels show. */
import * as z from 'zod'
import {
  CAPTURE_DEVICES_SHOWN,
  Capture,
  CaptureDevice,
  CaptureLabel,
  CaptureRules,
  ExportedRow,
  GivenLabel,
  KEYS_MAX,
  LabelOutcome,
  LabelValue,
  RequestKey,
  ReviewedRow,
  ROWS_READ_MAX,
  SubjectId,
} from '../captures/capture.ts'
import { ModelPerformance } from '../captures/performance.ts'
import { InstantMs, Name, Page, pageOf } from '../values/names.ts'
import { unanswered } from './fleet/device-command-procedures.ts'
import { DeviceReference } from './fleet/device-procedures.ts'
import { procedure } from './procedure.ts'

const number = (schema: z.ZodInt) => z.coerce.number<number | string>().pipe(schema)

export const captureProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/captures',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List captures: the models of which devices keep rows',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(Capture)),
  get: procedure({
    method: 'GET',
    path: '/v1/captures/{name}',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show the rules of a capture, its purpose and its retention',
    errors: ['capture_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(Capture),
  devices: procedure({
    method: 'GET',
    path: '/v1/captures/{name}/devices',
    access: 'capture.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List the devices that keep rows of a model',
    errors: ['capture_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(z.strictObject({ rows: z.array(CaptureDevice).max(CAPTURE_DEVICES_SHOWN), isCut: z.boolean() })),
  set: procedure({
    method: 'PUT',
    path: '/v1/captures/{name}',
    access: 'capture.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Declare which rows of a model devices keep, why, and for how long',
    errors: ['model_unknown', 'capture_refused'],
  })
    .input(z.strictObject({ name: Name, rules: CaptureRules }))
    .output(Capture),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/captures/{name}',
    access: 'capture.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Remove a capture; devices delete its rows, and the hub keeps the labels',
    errors: ['capture_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(z.strictObject({})),
  rows: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/captures/{name}/rows',
    access: 'capture.read',
    scope: 'named',
    approval: 'none',
    // It changes nothing, but is audited all the same, because rows may be about people.
    isReadOnly: false,
    summary: 'Fetch rows that a device keeps, newest first; the hub stores none of them',
    errors: [...unanswered, 'capture_unknown'],
  })
    .input(
      z.strictObject({
        device: DeviceReference,
        name: Name,
        limit: number(z.int().min(1).max(ROWS_READ_MAX)).default(20),
        /** Rows before this place. */
        before: number(z.int().min(1)).optional(),
      }),
    )
    .output(
      z.strictObject({
        device: Name,
        rows: z.array(ReviewedRow).max(ROWS_READ_MAX),
        /** Rows that the device keeps of the model. */
        heldCount: z.int().min(0),
        /** Rows that it had to leave out, because of its disk or its rate. */
        droppedCount: z.int().min(0),
        next: z.int().min(1).optional(),
      }),
    ),
  label: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/captures/{name}/labels',
    access: 'capture.label',
    scope: 'named',
    approval: 'none',
    summary: 'Label rows that a device keeps; the hub stores the labels and the predictions',
    errors: [...unanswered, 'capture_unknown'],
  })
    .input(
      z.strictObject({
        device: DeviceReference,
        name: Name,
        labels: z
          .array(z.strictObject({ request: RequestKey, label: LabelValue }))
          .min(1)
          .max(KEYS_MAX),
      }),
    )
    .output(LabelOutcome),
  importLabels: procedure({
    method: 'POST',
    path: '/v1/captures/{name}/labels',
    access: 'capture.label',
    scope: 'none',
    approval: 'none',
    summary: 'Give labels that became known later; they are joined with predictions by the request id',
    errors: ['capture_unknown', 'capture_refused'],
  })
    .input(z.strictObject({ name: Name, labels: z.array(GivenLabel).min(1).max(KEYS_MAX) }))
    .output(LabelOutcome),
  labels: procedure({
    method: 'GET',
    path: '/v1/captures/{name}/labels',
    access: 'capture.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the labels of a model',
    errors: ['capture_unknown'],
  })
    .input(z.strictObject({ name: Name, ...Page }))
    .output(pageOf(CaptureLabel)),
  export: procedure({
    method: 'GET',
    path: '/v1/captures/{name}/export',
    access: 'capture.export',
    scope: 'none',
    approval: 'none',
    isReadOnly: false,
    summary: 'Fetch labelled rows from the devices that keep them, as a data set; the hub stores none of them',
    errors: ['capture_unknown', 'hub_busy'],
  })
    .input(
      z.strictObject({
        name: Name,
        limit: number(z.int().min(1).max(ROWS_READ_MAX)).default(ROWS_READ_MAX),
        after: z.string().max(200).optional(),
      }),
    )
    .output(
      z.strictObject({
        rows: z.array(ExportedRow).max(ROWS_READ_MAX),
        /** Labels without a row: the device has deleted it, or could not be reached. */
        missing: z
          .array(z.strictObject({ request: RequestKey, device: Name.optional(), message: z.string().max(1_000) }))
          .max(ROWS_READ_MAX),
        next: z.string().optional(),
      }),
    ),
  erase: procedure({
    method: 'POST',
    path: '/v1/capture-erasures',
    access: 'capture.write',
    scope: 'none',
    approval: 'none',
    summary: 'Delete all rows and labels about a subject, on the hub and on all devices',
    errors: [],
  })
    .input(z.strictObject({ subject: SubjectId }))
    .output(
      z.strictObject({
        labels: z.int().min(0),
        /** Devices that have not reported the deletion yet. */
        pendingDevices: z.int().min(0),
      }),
    ),
  performance: procedure({
    method: 'GET',
    path: '/v1/models/{name}/performance',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show how good the answers of a model were, by version and period: from labels, and estimated without',
    errors: ['model_unknown'],
  })
    .input(
      z.strictObject({
        name: Name,
        fromMs: number(InstantMs).optional(),
        toMs: number(InstantMs).optional(),
        /** The length of a period; a day if absent. */
        periodSeconds: number(z.int().min(60).max(31_536_000)).optional(),
      }),
    )
    .output(ModelPerformance),
}
