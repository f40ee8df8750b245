/** The API: one table that the server, the client, the reference and the OpenAPI document read. */
import type { HTTPMethod } from '@orpc/contract'
import { deploymentProcedures, rolloutProcedures } from './api/deployment-procedures.ts'
import { deviceProcedures, tokenProcedures } from './api/device-procedures.ts'
import { auditProcedures, hubProcedures, keyProcedures } from './api/hub-procedures.ts'
import { modelProcedures, uploadProcedures } from './api/model-procedures.ts'
import type { Access } from './api/procedure.ts'
import { sessionProcedures } from './api/session-procedures.ts'
import { siteProcedures } from './api/site-procedures.ts'
import type { ErrorCode } from './errors.ts'

export const api = {
  hub: hubProcedures,
  key: keyProcedures,
  session: sessionProcedures,
  audit: auditProcedures,
  site: siteProcedures,
  token: tokenProcedures,
  device: deviceProcedures,
  upload: uploadProcedures,
  model: modelProcedures,
  deployment: deploymentProcedures,
  rollout: rolloutProcedures,
}

/** A path whose body is raw bytes, so that it streams; everything else about it is stated as for a procedure. */
type ByteRoute = {
  method: HTTPMethod
  path: string
  access: Access | 'device'
  summary: string
  errors: readonly ErrorCode[]
}

export const byteRoutes = {
  /** Body: the bytes from `?offsetBytes=` on, application/octet-stream. Answers an Upload. */
  uploadBytes: {
    method: 'PATCH',
    path: '/v1/uploads/{upload}',
    access: 'model.write',
    summary: 'Send bytes of an upload, from the offset where the hub stands',
    errors: ['upload_unknown', 'upload_offset_wrong', 'upload_digest_wrong', 'body_too_large', 'storage_full'],
  },
  /** Answers with Range, ETag and Content-Length; a device may read what its organisation holds. */
  downloadBlob: {
    method: 'GET',
    path: '/v1/blobs/{digest}',
    access: 'model.read',
    summary: 'Download a blob, or a range of it',
    errors: ['blob_unknown', 'blob_damaged'],
  },
} as const satisfies Record<string, ByteRoute>
