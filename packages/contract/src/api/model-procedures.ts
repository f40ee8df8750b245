/** Procedures on models, versions, aliases, and the uploads that they are made of. */
import * as z from 'zod'
import { Descendant } from '../deployments/lineage.ts'
import { VersionKind } from '../kinds/kinds.ts'
import {
  ComparedAnswers,
  FILE_SIZE_MAX,
  Model,
  PushReply,
  PushRequest,
  ServingDevice,
  Upload,
  USERS_MAX,
  Version,
  VersionDetail,
  VersionReference,
} from '../models/model.ts'
import { ModelSbom } from '../models/sbom.ts'
import { Conversion } from '../models/tabular/conversion.ts'
import { VersionCount } from '../rollouts/version-counts.ts'
import { Digest } from '../values/digest.ts'
import { BuildId, DeviceId, UploadId } from '../values/ids.ts'
import { Name, Page, pageOf } from '../values/names.ts'
import { procedure } from './procedure.ts'

export const uploadProcedures = {
  create: procedure({
    method: 'POST',
    path: '/v1/uploads',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary: 'Start or continue the upload of a blob',
    errors: ['storage_quota_reached', 'storage_full'],
  })
    .input(z.strictObject({ digest: Digest, sizeBytes: z.int().min(0).max(FILE_SIZE_MAX) }))
    .output(Upload),
  get: procedure({
    method: 'GET',
    path: '/v1/uploads/{upload}',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    entity: 'upload',
    summary: 'Show the progress of an upload',
    errors: ['upload_unknown'],
  })
    .input(z.strictObject({ upload: UploadId }))
    .output(Upload),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/uploads/{upload}',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    entity: 'upload',
    summary: 'Discard an upload',
    errors: ['upload_unknown'],
  })
    .input(z.strictObject({ upload: UploadId }))
    .output(z.strictObject({})),
}

const reference = z.strictObject({ name: Name, version: VersionReference })
const unknown = ['model_unknown', 'version_unknown', 'alias_unknown'] as const

const pushProcedures = {
  push: procedure({
    method: 'POST',
    path: '/v1/models/{name}/versions',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    entity: 'model',
    summary: 'Create an immutable, signed version from uploaded files; the same bytes change nothing',
    errors: [
      'storage_quota_reached',
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
      'model_load_timeout',
      'model_memory_exceeded',
      'model_crashed',
      'push_queue_full',
      'flow_invalid',
      'app_invalid',
      'agent_invalid',
      'os_invalid',
      'gguf_invalid',
      'model_kind_differs',
      'golden_invalid',
      'golden_timeout',
      'golden_memory_exceeded',
      'golden_not_finite',
      'golden_reference_differs',
      'parent_unknown',
      'signature_refused',
      'version_untrusted',
      'encryption_key_unavailable',
    ],
  })
    .input(PushRequest)
    .output(PushReply),
  convert: procedure({
    method: 'POST',
    path: '/v1/conversions',
    access: 'model.write',
    scope: 'whole',
    approval: 'none',
    summary:
      'Make an ONNX file of an uploaded model of XGBoost, LightGBM, PMML or scikit-learn, which can then be pushed',
    errors: [
      'blob_unknown',
      'model_form_unsupported',
      'model_form_invalid',
      'model_too_complex',
      'storage_quota_reached',
      'storage_full',
      'push_queue_full',
    ],
  })
    .input(z.strictObject({ digest: Digest }))
    .output(Conversion),
}

const readProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/models',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List models and flows',
    errors: [],
  })
    .input(z.strictObject({ ...Page, kind: VersionKind.optional() }))
    .output(pageOf(Model)),
  get: procedure({
    method: 'GET',
    path: '/v1/models/{name}',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    entity: 'model',
    summary: 'Show a model and its newest versions',
    errors: ['model_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(z.strictObject({ deployable: Model, versions: z.array(Version), usedBy: z.array(Name).max(USERS_MAX) })),
  versions: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List all versions of a model, newest first',
    errors: ['model_unknown'],
  })
    .input(z.strictObject({ ...Page, after: z.coerce.number<number | string>().int().min(1).optional(), name: Name }))
    .output(pageOf(Version)),
  serving: procedure({
    method: 'GET',
    path: '/v1/models/{name}/serving',
    access: 'model.read',
    scope: 'none',
    approval: 'none',
    summary: 'Count the devices that serve each version of a model now',
    errors: ['model_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    // Each version has a device, so there are no more rows than devices.
    .output(z.strictObject({ rows: z.array(VersionCount) })),
  getVersion: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    entity: 'version',
    summary: 'Show a version: signature, operators, files, bundle',
    errors: unknown,
  })
    .input(reference)
    .output(VersionDetail),
  sbom: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/sbom',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Return the bill of materials of a version, or of a build of it, as a CycloneDX 1.6 document',
    errors: [...unknown, 'version_not_model', 'build_unknown'],
  })
    .input(reference.extend({ build: BuildId.optional() }))
    .output(ModelSbom),
  compare: procedure({
    method: 'POST',
    path: '/v1/models/{name}/versions/{version}/compare',
    access: 'model.run',
    scope: 'whole',
    approval: 'none',
    summary: 'Run a version on the golden inputs of another one, in the sandbox of the hub',
    errors: [
      ...unknown,
      'version_not_model',
      'blob_unknown',
      'storage_full',
      'push_queue_full',
      'model_load_failed',
      'model_load_timeout',
      'model_memory_exceeded',
      'model_crashed',
      'golden_invalid',
      'golden_timeout',
      'golden_memory_exceeded',
      'golden_not_finite',
    ],
  })
    .input(z.strictObject({ ...reference.shape, inputsOf: VersionReference }))
    .output(ComparedAnswers),
  servingDevices: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/devices',
    access: 'model.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the devices that serve a version now, by id',
    errors: unknown,
  })
    .input(z.strictObject({ ...reference.shape, ...Page, after: DeviceId.optional() }))
    .output(pageOf(ServingDevice)),
  descendants: procedure({
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}/descendants',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the versions that name a version as their parent',
    errors: unknown,
  })
    .input(z.strictObject({ ...reference.shape, ...Page }))
    .output(pageOf(Descendant)),
}

const changeProcedures = {
  remove: procedure({
    method: 'DELETE',
    path: '/v1/models/{name}',
    access: 'model.write',
    scope: 'none',
    approval: 'none',
    entity: 'model',
    summary: 'Remove a model that no deployment uses',
    errors: ['model_unknown', 'model_in_use'],
  })
    .input(z.strictObject({ name: Name }))
    .output(z.strictObject({ versions: z.int().min(0) })),
  removeVersion: procedure({
    method: 'DELETE',
    path: '/v1/models/{name}/versions/{version}',
    access: 'model.write',
    scope: 'none',
    approval: 'none',
    entity: 'version',
    summary: 'Remove a version that no deployment and no alias uses',
    errors: ['model_unknown', 'version_unknown', 'version_in_use', 'alias_unknown'],
  })
    .input(z.strictObject({ name: Name, version: VersionReference }))
    .output(z.strictObject({})),
  setAlias: procedure({
    method: 'PUT',
    path: '/v1/models/{name}/aliases/{alias}',
    access: 'model.write',
    scope: 'none',
    approval: 'none',
    entity: 'alias',
    summary: 'Point an alias to a version',
    errors: ['model_unknown', 'version_unknown', 'alias_unknown'],
  })
    .input(z.strictObject({ name: Name, alias: Name, version: VersionReference }))
    .output(z.strictObject({ version: z.int().min(1), previous: z.int().min(1).optional() })),
  removeAlias: procedure({
    method: 'DELETE',
    path: '/v1/models/{name}/aliases/{alias}',
    access: 'model.write',
    scope: 'none',
    approval: 'none',
    entity: 'alias',
    summary: 'Remove an alias',
    errors: ['model_unknown', 'alias_unknown'],
  })
    .input(z.strictObject({ name: Name, alias: Name }))
    .output(z.strictObject({})),
}

/** Three types by name: the compiler refuses to write the type of all of them at once into a declaration. */
export const modelProcedures: typeof pushProcedures & typeof readProcedures & typeof changeProcedures = {
  ...pushProcedures,
  ...readProcedures,
  ...changeProcedures,
}
