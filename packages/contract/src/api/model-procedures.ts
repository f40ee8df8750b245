/** Procedures on models, versions, aliases, and the uploads that they are made of. */
import * as z from 'zod'
import { Digest } from '../digest.ts'
import { UploadId } from '../ids.ts'
import {
  FILE_SIZE_MAX,
  Model,
  PushReply,
  PushRequest,
  Upload,
  Version,
  VersionDetail,
  VersionReference,
} from '../model.ts'
import { Name, Page, pageOf } from '../names.ts'
import { procedure } from './procedure.ts'

export const uploadProcedures = {
  create: procedure({
    method: 'POST',
    path: '/v1/uploads',
    access: 'model.write',
    summary: 'Begin, or go on with, the upload of a blob',
    errors: ['storage_full'],
  })
    .input(z.strictObject({ digest: Digest, sizeBytes: z.int().min(0).max(FILE_SIZE_MAX) }))
    .output(Upload),
  get: procedure({
    method: 'GET',
    path: '/v1/uploads/{upload}',
    access: 'model.write',
    summary: 'Show how far an upload has come',
    errors: ['upload_unknown'],
  })
    .input(z.strictObject({ upload: UploadId }))
    .output(Upload),
}

export const modelProcedures = {
  push: procedure({
    method: 'POST',
    path: '/v1/models/{model}/versions',
    access: 'model.write',
    summary: 'Make uploaded files an immutable, signed version; the same bytes again change nothing',
    errors: [
      'blob_unknown',
      'storage_full',
      'model_not_onnx',
      'model_too_complex',
      'model_incomplete',
      'model_path_unsafe',
      'model_opset_unsupported',
      'model_operator_unsupported',
      'model_input_unsupported',
      'model_load_failed',
      'model_crashed',
      'golden_invalid',
      'golden_timeout',
      'golden_memory_exceeded',
      'golden_not_finite',
    ],
  })
    .input(PushRequest)
    .output(PushReply),
  list: procedure({ method: 'GET', path: '/v1/models', access: 'model.read', summary: 'List models', errors: [] })
    .input(z.strictObject(Page))
    .output(pageOf(Model)),
  get: procedure({
    method: 'GET',
    path: '/v1/models/{model}',
    access: 'model.read',
    summary: 'Show a model and its newest versions',
    errors: ['model_unknown'],
  })
    .input(z.strictObject({ model: Name }))
    .output(z.strictObject({ model: Model, versions: z.array(Version) })),
  getVersion: procedure({
    method: 'GET',
    path: '/v1/models/{model}/versions/{version}',
    access: 'model.read',
    summary: 'Show a version: signature, operators, files, bundle',
    errors: ['model_unknown', 'version_unknown', 'alias_unknown'],
  })
    .input(z.strictObject({ model: Name, version: VersionReference }))
    .output(VersionDetail),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/models/{model}',
    access: 'model.write',
    summary: 'Remove a model that no deployment uses',
    errors: ['model_unknown', 'model_in_use'],
  })
    .input(z.strictObject({ model: Name }))
    .output(z.strictObject({ versions: z.int().min(0) })),
  removeVersion: procedure({
    method: 'DELETE',
    path: '/v1/models/{model}/versions/{version}',
    access: 'model.write',
    summary: 'Remove a version that no deployment and no alias uses',
    errors: ['model_unknown', 'version_unknown', 'version_in_use', 'alias_unknown'],
  })
    .input(z.strictObject({ model: Name, version: VersionReference }))
    .output(z.strictObject({})),
  setAlias: procedure({
    method: 'PUT',
    path: '/v1/models/{model}/aliases/{alias}',
    access: 'model.write',
    summary: 'Point an alias to a version',
    errors: ['model_unknown', 'version_unknown', 'alias_unknown'],
  })
    .input(z.strictObject({ model: Name, alias: Name, version: VersionReference }))
    .output(z.strictObject({ version: z.int().min(1), previous: z.int().min(1).optional() })),
  removeAlias: procedure({
    method: 'DELETE',
    path: '/v1/models/{model}/aliases/{alias}',
    access: 'model.write',
    summary: 'Remove an alias',
    errors: ['model_unknown', 'alias_unknown'],
  })
    .input(z.strictObject({ model: Name, alias: Name }))
    .output(z.strictObject({})),
}
